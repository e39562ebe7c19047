{#-
    Select: all rows of `relation` with q_value, the false discovery rate at which each would still
    be reported (Benjamini and Hochberg 1995, step-up) among the tests of one `partition` (list of
    columns, e.g. indicator and month). Rows without p-value are not tests.
-#}
{% macro benjamini_hochberg(relation, p_column, partition) -%}
    select
        ranked.*,
        cast(
            case
                when ranked.{{ p_column }} is not null then least(
                    1.0,
                    min(ranked.{{ p_column }} * ranked.test_count / ranked.test_rank) over (
                        partition by {{ partition | join(', ') }}, ranked.{{ p_column }} is null
                        order by ranked.test_rank desc
                        rows between unbounded preceding and current row
                    )
                )
            end as numeric(18, 8)
        ) as q_value
    from (
        select
            tests.*,
            count(tests.{{ p_column }}) over (partition by {{ partition | join(', ') }}) as test_count,
            row_number() over (
                partition by {{ partition | join(', ') }}, tests.{{ p_column }} is null
                order by tests.{{ p_column }}
            ) as test_rank
        from {{ relation }} as tests
    ) as ranked
{%- endmacro %}
