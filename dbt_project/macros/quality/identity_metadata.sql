{#-
    Metadata of the identities, as written in `meta.identities` of the models in models/quality,
    ordered by number. Read from the graph when the model runs: an identity is described once.
-#}
{% macro identity_metadata() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- for identity in node.config.meta.get('identities', []) -%}
                {%- do found.append(identity) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute='number')) }}
{%- endmacro %}
