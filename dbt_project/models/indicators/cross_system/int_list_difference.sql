-- Grain: one graded stay.
-- Rule: XS12. reference_weight is the highest weight of the source's stays of the year whose list and front page agree and
-- which have this stay's main diagnosis of the front page (four characters) and this operation, reference_n their number.
-- A difference fires where the stay weighs more than all of them: none so described was ever graded so high. With fewer than
-- XS12.min_cases there is nothing to compare with. At risk is what the group paid beyond the reference at the same rate.
-- Source: int_listed_stay.
with stays as (
    select
        listed_stays.*,
        min_cases.value as min_cases,
        red_raise.value as red_raise
    from {{ ref('int_listed_stay') }} as listed_stays
    {{ threshold_join('min_cases', 'XS12', 'min_cases', 'listed_stays.org_code', 'listed_stays.setl_month') }}
    {{ threshold_join('red_raise', 'XS12', 'red_raise', 'listed_stays.org_code', 'listed_stays.setl_month') }}
),

reference_weights as (
    select
        source_id,
        setl_year,
        left(front_diagnosis, 4) as category,
        operation_done,
        max(weight) as reference_weight,
        count(*) as reference_n
    from stays
    where diagnosis_state = 'same' and operation_state = 'same'
    group by source_id, setl_year, left(front_diagnosis, 4), operation_done
),

compared as (
    select
        stays.*,
        reference_weights.reference_weight,
        coalesce(reference_weights.reference_n, 0) as reference_n
    from stays
    left join reference_weights
        on
            reference_weights.source_id = stays.source_id
            and reference_weights.setl_year = stays.setl_year
            and reference_weights.category = left(stays.front_diagnosis, 4)
            and reference_weights.operation_done = stays.operation_done
),

judged as (
    select
        compared.*,
        cast(weight - reference_weight as numeric(18, 4)) as weight_raise,
        case
            when diagnosis_state in ('missing_list', 'missing_stay', 'missing_front_page') then diagnosis_state
            when diagnosis_state = 'same' and operation_state = 'same' then 'clear'
            when 'differs' not in (diagnosis_state, operation_state)
                then case diagnosis_state when 'same' then operation_state else diagnosis_state end
            when reference_n < min_cases then 'no_reference_weight'
            when weight <= reference_weight then 'weight_not_raised'
            when diagnosis_state not in ('same', 'differs') then diagnosis_state
            when operation_state not in ('same', 'differs') then operation_state
            else 'fired'
        end as verdict
    from compared
),

valued as (
    select
        judged.*,
        case when weight_raise >= red_raise then 'red' else 'yellow' end as zone,
        case when weight_raise >= red_raise then '疑点' else '线索' end as state,
        cast(
            greatest(pay_amount - std_amount * reference_weight / nullif(weight, 0), 0) as numeric(18, 2)
        ) as risk_amount
    from judged
)

select * from valued
