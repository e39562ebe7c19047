{#-
    A sentence with its placeholders filled in: `texts` maps a placeholder to a SQL text expression,
    `numbers` lists columns that stand under their own name. What is null shows as a dash.
-#}
{% macro fill_placeholders(sentence, texts, numbers) -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for name, text in texts.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", '—'))" -%}
    {%- endfor -%}
    {%- for number in numbers -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ number ~ "}', coalesce(" ~ as_plain_number(number) ~ ", '—'))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
