{#-
    Name of the peer group on a rung of the ladder (`rungs.rung`): departments of 1 level, type and
    department; 2 type and department; 3 type and discipline; hospitals of 1 level and type; 2 type.
    `relation` has subject_type, org_type, level_group, std_dept_code and discipline_group.
-#}
{% macro department_peer_group(relation) -%}
    {{ relation }}.org_type
    || case
        when {{ relation }}.subject_type = 'hospital' and rungs.rung = 1 then '|' || {{ relation }}.level_group
        when {{ relation }}.subject_type = 'hospital' then ''
        when rungs.rung = 1 then '|' || {{ relation }}.level_group || '|' || {{ relation }}.std_dept_code
        when rungs.rung = 2 then '|' || {{ relation }}.std_dept_code
        else '|' || {{ relation }}.discipline_group
    end
{%- endmacro %}
