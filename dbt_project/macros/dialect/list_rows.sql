{#-
    From-clause: `relation as alias`, each row repeated once an element of `column`, a list of texts divided
    by bars; the element is `element.value`, without blanks around it. Elements without text are left out; a row
    whose list is empty or missing stays, with a null.
-#}
{% macro list_rows(relation, alias, column) -%}
    {{ return(adapter.dispatch('list_rows', 'qinglian')(relation, alias, column)) }}
{%- endmacro %}

{% macro default__list_rows(relation, alias, column) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    left join lateral (
        select trim(part.value) as value
        from unnest(string_to_array({{ alias }}.{{ column }}, '|')) as part (value)
        where trim(part.value) <> ''
    ) as element on true
    /* dialect:end */
{%- endmacro %}

{% macro spark__list_rows(relation, alias, column) -%}
    {{ relation }} as {{ alias }}
    /* dialect:begin */
    lateral view outer explode(
        filter(transform(split({{ alias }}.{{ column }}, '[|]'), part -> trim(part)), part -> part <> '')
    ) element as value
    /* dialect:end */
{%- endmacro %}
