{#-
    How a member of staff is called wherever everybody may read: department, kind and staff code of the hospital, never a
    name. Names stand in `lead_staff` alone (decision 0014).
-#}
{% macro staff_label(department, code, kind='医师') -%}
    coalesce({{ department }} || ' ', '') || '{{ kind }} ' || {{ code }}
{%- endmacro %}
