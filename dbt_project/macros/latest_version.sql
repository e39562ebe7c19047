{#-
    The rows of a landing table as last seen, without those that vanished at the source.
    Landing is append-only: a key has one row a batch that changed it. `lead` follows the order of
    the primary key (org_code, key..., _batch_id), so that PostgreSQL reads it without a sort.
-#}
{% macro latest_version(table, keys) -%}
    select * from (
        select
            version.*,
            lead(version._batch_id) over (
                partition by {% for key in ['org_code'] + keys %}version.{{ key }}, {% endfor -%}
                1
                order by version._batch_id
            ) as next_batch_id
        from {{ source('land', table) }} as version
        {%- if var('as_of') %}
        where version._batch_id in ({{ batches_known_on(var('as_of')) }})
        {%- endif %}
    ) as versions
    where next_batch_id is null and not coalesce(src_is_deleted, false)
{%- endmacro %}
