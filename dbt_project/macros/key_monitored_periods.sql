{#- Select: generic names of key-monitored drugs with the days from and to which they are; a drug that stands on two
    lists at once has one row a period. -#}
{% macro key_monitored_periods() -%}
    select distinct
        generic_name,
        valid_from,
        coalesce(valid_to, make_date(9999, 12, 31)) as valid_to
    from {{ ref('key_monitored_drug') }}
{%- endmacro %}
