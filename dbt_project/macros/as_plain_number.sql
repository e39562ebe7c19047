{#- A number as text without trailing zeros, as people write it: 5.0000 becomes 5. -#}
{% macro as_plain_number(value) -%}
    trim(trailing '.' from trim(trailing '0' from {{ as_text('cast(' ~ value ~ ' as numeric(18, 4))') }}))
{%- endmacro %}
