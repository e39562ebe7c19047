{#-
    Organisation-months of facts that take columns from another table (`parent`), touched because
    rows of that table changed: the months of the `table` rows that point to a changed parent.
    `match` lists pairs (column of `table`, column of `parent`).
-#}
{% macro changed_parent_months(fact, table, time, parent, match, condition='1 = 1') -%}
    select distinct
        '{{ fact }}' as fact,
        child.org_code,
        {{ month_of('child.' ~ time) }} as changed_month
    from {{ source('land', table) }} as child
    inner join {{ source('land', parent) }} as parent
        on
            child.org_code = parent.org_code
            {%- for column, parent_column in match %}
            and child.{{ column }} = parent.{{ parent_column }}
            {%- endfor %}
    where
        parent._batch_id in (select batch_id from {{ ref('stg_ops__batch_in_build') }})
        and {{ condition }}
{%- endmacro %}
