{#-
    CTE body: k from 0 to 999 and ln k! of each, for the tails of counts. Every count whose tail is taken must stay
    below 1,000.
-#}
{% macro log_factorials() -%}
    select
        k,
        sum(case when k > 1 then ln({{ as_double('k') }}) else 0.0 end) over (order by k) as log_factorial
    from (
        select 100 * hundreds.digit + 10 * tens.digit + ones.digit as k
        from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as hundreds (digit)
        cross join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as tens (digit)
        cross join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ones (digit)
    ) as numbers
{%- endmacro %}

{#- Aggregate over the k below `observed`: the chance that a Poisson count of `mean` reaches what was observed. -#}
{% macro poisson_upper_tail(observed, mean, k, log_factorial) -%}
    least(1.0, greatest(0.0, 1.0 - sum(
        case
            when {{ k }} < {{ observed }} then exp({{ k }} * ln({{ mean }}) - {{ mean }} - {{ log_factorial }})
            else 0.0
        end
    )))
{%- endmacro %}

{#-
    Aggregate over k: the chance of at least `successes` in `trials` with one probability each. With trials of
    unequal chances their mean gives no smaller a tail beyond the expected number (Hoeffding 1956).
    `log_factorials` names, in this order, ln of trials!, k! and (trials - k)!.
-#}
{% macro binomial_upper_tail(successes, trials, chance, k, log_factorials) -%}
    least(1.0, sum(
        case
            when {{ k }} between {{ successes }} and {{ trials }}
                then exp(
                    {{ log_factorials[0] }} - {{ log_factorials[1] }} - {{ log_factorials[2] }}
                    + {{ k }} * ln({{ chance }}) + ({{ trials }} - {{ k }}) * ln(1.0 - {{ chance }})
                )
            else 0.0
        end
    ))
{%- endmacro %}

{#-
    z of the number of runs (stretches of one winner) in a sequence of n wins among any number of winners, with
    half a run taken off for continuity: mean and variance over all orders of the same wins (Barton and David 1957).
    `squares` and `cubes` are the sums of the squares and cubes of the winners' numbers of wins. Null where the
    order cannot vary.
-#}
{% macro runs_z(runs, n, squares, cubes) -%}
    case
        when {{ n }} > 1 and {{ squares }} < {{ n }} * {{ n }}
            then (
                {{ runs }} - 0.5 - ({{ n }} * ({{ n }} + 1.0) - {{ squares }}) / {{ n }}
            ) / sqrt(nullif(
                (
                    {{ squares }} * ({{ squares }} + {{ n }} * ({{ n }} + 1.0))
                    - 2.0 * {{ n }} * {{ cubes }} - 1.0 * {{ n }} * {{ n }} * {{ n }}
                ) / (1.0 * {{ n }} * {{ n }} * ({{ n }} - 1)), 0))
    end
{%- endmacro %}
