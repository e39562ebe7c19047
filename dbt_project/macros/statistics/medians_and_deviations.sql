{#-
    Two steps of a model: `medians`, quartiles and median of `x` in each group of the step `members`, and `deviations`,
    the median distance from it (MAD). Groups are told by the columns of `keys`; `also` are further aggregates of
    `medians`. Medians are ordered-set aggregates and no window functions, so the second step joins the first.
-#}
{% macro medians_and_deviations(members, keys, x='x', also=[]) -%}
{%- set of_members = [] -%}
{%- set same_group = [] -%}
{%- for key in keys -%}
    {%- do of_members.append(members ~ '.' ~ key) -%}
    {%- do same_group.append('medians.' ~ key ~ ' = ' ~ members ~ '.' ~ key) -%}
{%- endfor -%}
medians as (
    select
        {{ (keys + also) | join(', ') }},
        percentile_cont(0.25) within group (order by {{ x }}) as q1,
        percentile_cont(0.5) within group (order by {{ x }}) as median,
        percentile_cont(0.75) within group (order by {{ x }}) as q3
    from {{ members }}
    group by {{ keys | join(', ') }}
),

deviations as (
    select
        {{ of_members | join(', ') }},
        percentile_cont(0.5) within group (order by abs({{ members }}.{{ x }} - medians.median)) as mad
    from {{ members }}
    inner join medians on {{ same_group | join(' and ') }}
    group by {{ of_members | join(', ') }}
)
{%- endmacro %}
