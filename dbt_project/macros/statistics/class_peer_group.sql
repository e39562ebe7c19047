{#-
    Expression: the group of doctors among whom a share in a class of drugs is judged, by `rung` of
    `relation`: same level, type and department; all levels; the discipline group. Null where the
    doctor has no department.
-#}
{% macro class_peer_group(relation, rung) -%}
    case
        when {{ rung }} = 1
            then {{ relation }}.level_group || '|' || {{ relation }}.org_type || '|' || {{ relation }}.std_dept_code
        when {{ rung }} = 2 then {{ relation }}.org_type || '|' || {{ relation }}.std_dept_code
        else {{ relation }}.org_type || '|' || {{ relation }}.discipline_group
    end || '|' || {{ relation }}.pharm_class
{%- endmacro %}
