{#-
    A sentence with its placeholders filled in: `texts` maps a placeholder to a SQL text expression,
    `numbers` lists columns that stand under their own name: {value} as a plain number, {value:money} with two
    decimals, {value:percent} as a percentage. What is null shows as a dash.
-#}
{% macro fill_placeholders(sentence, texts, numbers) -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for name, text in texts.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", '—'))" -%}
    {%- endfor -%}
    {%- for number in numbers -%}
        {%- for form, text in [
            ('', as_plain_number(number)),
            (':money', as_money(number)),
            (':percent', as_percent(number)),
        ] -%}
            {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ number ~ form ~ "}', coalesce(" ~ text ~ ", '—'))" -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
