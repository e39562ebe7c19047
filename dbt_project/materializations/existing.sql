{#- What has to go before a new relation takes its name, with the views on it; nothing where there is none. -#}
{% macro drop_existing(existing) -%}
    {%- if existing is not none -%} drop {{ existing.type }} if exists {{ existing }} cascade; {%- endif -%}
{%- endmacro %}

{#- dbt looks up in its cache what stands in the warehouse: it must know that this, and the views on it, are gone. -#}
{% macro forget_existing(existing) -%}
    {%- if existing is not none -%} {%- do adapter.cache_dropped(existing) -%} {%- endif -%}
{%- endmacro %}
