{#-
    Condition of an incremental fact: the row belongs to an organisation-month to rebuild. Always
    true on a first or full build.
-#}
{% macro in_changed_months(relation, alias, month_column) -%}
    {%- set changed_month = ref('stg_ops__changed_month') -%}
    {%- if is_incremental() -%}
    -- Asked once and not by row: where nothing has changed, nothing is read.
    exists (select 1 from {{ changed_month }} as asked where asked.fact = '{{ relation.identifier }}')
    and ({{ alias }}.org_code, {{ alias }}.{{ month_column }}) in (
        select
            changed.org_code,
            changed.changed_month
        from {{ changed_month }} as changed
        where changed.fact = '{{ relation.identifier }}'
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
