{#-
    Post-hook: planner statistics of a table just built. PostgreSQL's autovacuum would gather them
    a minute later, when the models that read the table have long been planned without. Core, which
    everything is joined to, is sampled with the server's own `default_statistics_target`; the many
    tables made from it are read by few, and a sample of thirty times 300 rows tells what these need.
    Of columns that a model says it is joined by together (`meta.joined_by`) it is counted how many combinations there
    are. PostgreSQL supposes a tenth of the rows otherwise, and that looking one up is mostly repeating what was looked
    up before: with a month of lines behind each combination it reads every line of a hospital thousands of times.
-#}
{% macro refresh_statistics(relation) -%}
    {{ return(adapter.dispatch('refresh_statistics', 'qinglian')(relation)) }}
{%- endmacro %}

{% macro default__refresh_statistics(relation) -%}
    {%- set sample = 'set local default_statistics_target = 30;' if model.config.schema != 'core' else '' -%}
    {%- set together = model.config.get('meta', {}).get('joined_by') -%}
    {%- if together -%} create statistics (ndistinct) on {{ together | join(', ') }} from {{ relation }}; {%- endif -%}
    {%- if model.config.materialized != 'view' -%} {{ sample }} analyze {{ relation }} {%- endif -%}
{%- endmacro %}

{% macro spark__refresh_statistics(relation) -%}
    analyze table {{ relation }} compute statistics
{%- endmacro %}
