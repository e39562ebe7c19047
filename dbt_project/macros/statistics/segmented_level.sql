{#-
    Select: the change in level at the moment of an interruption, from a straight line before and one after it.

    `relation` has one row a series and point: the columns `keys`, `x` (time from the interruption, below 0 before it), `y`
    and the weight `w`. Out come, by series, the points on each side, level_change (the line after less the line before, both
    at x = 0), its standard error of weighted least squares with one residual variance (null where a side has no two points in
    time) and degrees, the degrees of freedom.
-#}
{% macro segmented_level(relation, keys) -%}
    select
        {{ keys | join(', ') }},
        points_before,
        points_after,
        degrees,
        intercept_after - intercept_before as level_change,
        sqrt(
            greatest(residual_before + residual_after, 0.0) / nullif(degrees, 0)
            * (
                1.0 / w_before + x_before * x_before / xx_before
                + 1.0 / w_after + x_after * x_after / xx_after
            )
        ) as level_error
    from (
        select
            {{ keys | join(', ') }},
            points_before,
            points_after,
            points_before + points_after - 4 as degrees,
            w_before,
            w_after,
            x_before,
            x_after,
            xx_before,
            xx_after,
            y_before - x_before * xy_before / xx_before as intercept_before,
            y_after - x_after * xy_after / xx_after as intercept_after,
            yy_before - xy_before * xy_before / xx_before as residual_before,
            yy_after - xy_after * xy_after / xx_after as residual_after
        from (
            select
                {{ keys | join(', ') }}
                {%- for side in ['before', 'after'] %},
                max(case when side = '{{ side }}' then points else 0 end) as points_{{ side }},
                max(case when side = '{{ side }}' then w_sum end) as w_{{ side }},
                max(case when side = '{{ side }}' then wx / w_sum end) as x_{{ side }},
                max(case when side = '{{ side }}' then wy / w_sum end) as y_{{ side }},
                nullif(max(case when side = '{{ side }}' then wxx - wx * wx / w_sum end), 0.0) as xx_{{ side }},
                max(case when side = '{{ side }}' then wxy - wx * wy / w_sum end) as xy_{{ side }},
                max(case when side = '{{ side }}' then wyy - wy * wy / w_sum end) as yy_{{ side }}
                {%- endfor %}
            from (
                select
                    {{ keys | join(', ') }},
                    case when x < 0 then 'before' else 'after' end as side,
                    count(*) as points,
                    sum({{ as_double('w') }}) as w_sum,
                    sum({{ as_double('w') }} * x) as wx,
                    sum({{ as_double('w') }} * y) as wy,
                    sum({{ as_double('w') }} * x * x) as wxx,
                    sum({{ as_double('w') }} * x * y) as wxy,
                    sum({{ as_double('w') }} * y * y) as wyy
                from {{ relation }}
                where w > 0
                group by {{ keys | join(', ') }}, case when x < 0 then 'before' else 'after' end
            ) as sides
            group by {{ keys | join(', ') }}
        ) as sums
    ) as lines
{%- endmacro %}

{#-
    The standard normal z with the tail of a Student t of so many degrees of freedom, after Wallace (1959); within 0.002 of it
    from five degrees on.
-#}
{% macro z_of_t(t, degrees) -%}
    case when {{ t }} < 0 then -1.0 else 1.0 end
    * (8.0 * {{ degrees }} + 1.0) / (8.0 * {{ degrees }} + 3.0)
    * sqrt({{ degrees }} * ln(1.0 + {{ t }} * {{ t }} / {{ degrees }}))
{%- endmacro %}
