{#-
    From-clause: `relation as alias`, each row repeated once a code of its text column `column`, in which codes are
    divided by a bar, with the column codes.code. Rows without a code are left out.
-#}
{% macro code_rows(relation, alias, column) -%}
    {{ return(adapter.dispatch('code_rows', 'qinglian')(relation, alias, column)) }}
{%- endmacro %}

{% macro default__code_rows(relation, alias, column) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    cross join lateral (
        select trim(part.code) as code
        from regexp_split_to_table({{ alias }}.{{ column }}, '[|]') as part (code)
        where trim(part.code) <> ''
    ) as codes
    /* dialect:end */
{%- endmacro %}

{% macro spark__code_rows(relation, alias, column) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    cross join lateral (
        select trim(part.code) as code
        from (select explode(split({{ alias }}.{{ column }}, '[|]')) as code) as part
        where trim(part.code) <> ''
    ) as codes
    /* dialect:end */
{%- endmacro %}
