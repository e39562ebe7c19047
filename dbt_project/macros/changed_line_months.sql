{#-
    Organisation-months of a table of lines and reversals that the batches of this build touch.
    Landing keeps every version, so the months before and after a correction are both found: keys
    in the new batches, every version of those keys, the originals they name, the originals' months.
-#}
{% macro changed_line_months(fact, table, line_id, original_id, time) -%}
    select distinct
        '{{ fact }}' as fact,
        original.org_code,
        {{ month_of('original.' ~ time) }} as changed_month
    from {{ source('land', table) }} as original
    inner join (
        select distinct
            version.org_code,
            coalesce(nullif(trim(version.{{ original_id }}), ''), version.{{ line_id }}) as line_id
        from {{ source('land', table) }} as version
        inner join {{ source('land', table) }} as changed
            on
                version.org_code = changed.org_code
                and version.{{ line_id }} = changed.{{ line_id }}
        where changed._batch_id in (select batch_id from {{ ref('stg_ops__batch_in_build') }})
    ) as touched
        on
            original.org_code = touched.org_code
            and original.{{ line_id }} = touched.line_id
{%- endmacro %}
