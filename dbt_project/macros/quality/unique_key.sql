{#-
    Generic test: no two rows share the columns of the key, and none of them is null. Where the database keeps the key unique
    by an index of the model, only nulls are looked for: the build has failed otherwise.
-#}
{% test unique_key(model, columns) %}
    {%- set by_index = is_unique_by_index(model, columns) %}
    select
        {{ columns | join(', ') }},
        {{ '1' if by_index else 'count(*)' }} as row_count
    from {{ model }}
    {%- if by_index %}
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {%- endfor %}
    {%- else %}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
    {%- endif %}
{% endtest %}
