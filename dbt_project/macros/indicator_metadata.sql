{#-
    Metadata of the indicator models, as written in their YAML, ordered by indicator. Read from the
    graph when the model runs, so that an indicator is described in one place only.
-#}
{% macro indicator_metadata() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for name in var('indicator_models') -%}
            {%- set node = graph.nodes['model.qinglian.' ~ name] -%}
            {%- do found.append(node.config.meta) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute='indicator_id')) }}
{%- endmacro %}
