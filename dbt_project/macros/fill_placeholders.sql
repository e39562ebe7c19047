{#-
    A sentence with its placeholders of one form filled in: `texts` maps a placeholder to a SQL text expression,
    `numbers` lists columns that stand under their own name. The form is '' for plain numbers ({value}), 'money' for
    two decimals ({value:money}), 'percent' for a percentage ({value:percent}), 'points' for the percentage points by which
    shares differ ({value:points}, without a sign of percent). What is null shows as a dash.
-#}
{% macro fill_placeholders(sentence, texts, numbers, form='') -%}
    {%- set filled = namespace(sql=sentence) -%}
    {%- for name, text in texts.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', coalesce(" ~ text ~ ", '—'))" -%}
    {%- endfor -%}
    {%- for number in numbers -%}
        {%- if form == 'money' -%}
            {%- set placeholder, text = number ~ ':money', as_money(number) -%}
        {%- elif form == 'percent' -%}
            {%- set placeholder, text = number ~ ':percent', as_percent(number) -%}
        {%- elif form == 'points' -%}
            {%- set placeholder, text = number ~ ':points', as_plain_number('round(' ~ number ~ ' * 100, 2)') -%}
        {%- else -%}
            {%- set placeholder, text = number, as_plain_number(number) -%}
        {%- endif -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ placeholder ~ "}', coalesce(" ~ text ~ ", '—'))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}
