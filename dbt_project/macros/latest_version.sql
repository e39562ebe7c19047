{#-
    The rows of a landing table as last seen, without those that vanished at the source.
    Landing is append-only: a key has one row a batch that changed it. `lead` follows the order of
    the primary key (org_code, key..., _batch_id), so that PostgreSQL can read it without a sort.
    The filter is a plain boolean column: PostgreSQL expects half of the rows from it, but only 0.5 %
    from `… is null` or `… = 1` over a window, and would then loop over millions of rows. `among` is a relation
    with org_code and the keys of the rows that are wanted; all where it is not given.
-#}
{% macro latest_version(table, keys, among=none) -%}
    select * from (
        select
            version.*,
            lead(version._batch_id) over (
                partition by {% for key in ['org_code'] + keys %}version.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
                order by version._batch_id
            ) is null as is_latest
        from {{ source('land', table) }} as version
        {%- if among %}
        inner join {{ among }} as chosen
            on
                version.org_code = chosen.org_code
                {%- for key in keys %}
                and version.{{ key }} = chosen.{{ key }}
                {%- endfor %}
        {%- endif %}
        where {{ is_known('version._batch_id') }}
    ) as versions
    where is_latest and not coalesce(src_is_deleted, false)
{%- endmacro %}
