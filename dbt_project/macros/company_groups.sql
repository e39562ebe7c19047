{#-
    Connected components of a relation of companies by label propagation: each round every company
    takes the smallest label among itself and its neighbours. `depth` rounds join chains of that
    many links; a fixed number of plain joins runs on every engine, a recursive query does not.
    Expects the CTEs `companies` (company) and `links` (company, neighbour; both directions).
-#}
{% macro company_groups(depth) -%}
    label_0 as (
        select
            company,
            company as label
        from companies
    ),
    {%- for round in range(1, depth + 1) %}

    label_{{ round }} as (
        select
            own.company,
            least(own.label, coalesce(min(near.label), own.label)) as label
        from label_{{ round - 1 }} as own
        left join links on own.company = links.company
        left join label_{{ round - 1 }} as near on links.neighbour = near.company
        group by own.company, own.label
    ),
    {%- endfor %}
{%- endmacro %}
