{#-
    Pre-hook of an incremental fact: empties the organisation-months that are rebuilt. The
    delete+insert strategy alone deletes only months that still have rows, so a month whose last
    row vanished would stay.
-#}
{% macro clear_changed_months(relation, month_column) -%}
    {%- set changed_month = ref('stg_ops__changed_month') -%}
    {%- if is_incremental() -%}
    delete from {{ relation }}
    where exists (
        select 1
        from {{ changed_month }} as changed
        where
            changed.fact = '{{ relation.identifier }}'
            and changed.org_code = {{ relation }}.org_code
            and changed.changed_month = {{ relation }}.{{ month_column }}
    )
    {%- endif -%}
{%- endmacro %}
