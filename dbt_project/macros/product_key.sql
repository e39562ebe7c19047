{#- One product of one maker, whatever its pack: generic name, without one the hospital's code, and the maker. -#}
{% macro product_key(relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    coalesce({{ of }}generic_name, {{ of }}drug_code) || '|' || coalesce({{ of }}manufacturer_uscc, '')
{%- endmacro %}
