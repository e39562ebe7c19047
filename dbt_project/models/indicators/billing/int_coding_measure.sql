-- Grain: one hospital or department and quarter with graded stays: how many were in the highest group of their family,
-- how heavy and how costly they were, and the same of the quarter before and of last year.
-- Rule: BL11 (b). Families with one group say nothing of coding: `split_n` counts the cases of the others, `compared_n`
-- those whose family other hospitals have as well; `expected_share` is the part of their cases in the highest group.
-- `cmi_error` is the standard error of the rise of ln CMI from the quarter before.
-- Source: int_coding_case, core.dim_department, core.dim_organisation.
with subject_cases as (
    select
        cases.*,
        levels.subject_type,
        case levels.subject_type when 'hospital' then cases.org_code else cases.dept_code end as subject_id
    from {{ ref('int_coding_case') }} as cases
    cross join (values ('hospital'), ('department')) as levels (subject_type)
),

sums as (
    select
        org_code,
        subject_type,
        subject_id,
        setl_quarter,
        cast(count(*) as integer) as n,
        cast(count(case when has_lower_group then 1 end) as integer) as split_n,
        cast(count(expected_share) as integer) as compared_n,
        cast(sum(is_high) as numeric(18, 8)) as high_n,
        cast(sum(case when expected_share is not null then is_high end) as numeric(18, 8)) as compared_high_n,
        cast(sum(expected_share) as numeric(18, 8)) as expected_high_n,
        cast(sum(weight) as numeric(18, 8)) as weight,
        cast(sum(weight * weight) as numeric(18, 8)) as weight_squares,
        cast(sum(amount) as numeric(18, 2)) as amount
    from subject_cases
    where subject_id is not null
    group by org_code, subject_type, subject_id, setl_quarter
),

shares as (
    select
        org_code,
        subject_type,
        subject_id,
        setl_quarter,
        n,
        split_n,
        compared_n,
        high_n / nullif(split_n, 0) as high_share,
        compared_high_n / nullif(compared_n, 0) as compared_share,
        expected_high_n / nullif(compared_n, 0) as expected_share,
        weight / n as cmi,
        amount / nullif(weight, 0) as cost_per_weight,
        -- Variance of the mean weight over its square: the variance of its logarithm.
        greatest(weight_squares / n - (weight / n) * (weight / n), 0) / nullif((weight / n) * (weight / n) * n, 0)
            as log_variance
    from sums
),

followed as (
    select
        shares.*,
        earlier.n as previous_n,
        earlier.cmi as previous_cmi,
        earlier.cost_per_weight as previous_cost_per_weight,
        sqrt({{ as_double('shares.log_variance + earlier.log_variance') }}) as cmi_error,
        last_year.split_n as last_year_n,
        last_year.high_share as last_year_share
    from shares
    left join shares as earlier
        on
            earlier.org_code = shares.org_code
            and earlier.subject_type = shares.subject_type
            and earlier.subject_id = shares.subject_id
            and earlier.setl_quarter = {{ add_months('shares.setl_quarter', -3) }}
    left join shares as last_year
        on
            last_year.org_code = shares.org_code
            and last_year.subject_type = shares.subject_type
            and last_year.subject_id = shares.subject_id
            and last_year.setl_quarter = {{ add_months('shares.setl_quarter', -12) }}
),

described as (
    select
        followed.org_code,
        followed.subject_type,
        followed.subject_id,
        followed.setl_quarter,
        departments.std_dept_code,
        departments.discipline_group,
        organisations.level_group,
        organisations.org_type,
        followed.n,
        followed.split_n,
        followed.compared_n,
        followed.previous_n,
        followed.last_year_n,
        cast(followed.high_share as numeric(18, 8)) as high_share,
        cast(followed.last_year_share as numeric(18, 8)) as last_year_share,
        cast(followed.compared_share as numeric(18, 8)) as compared_share,
        cast(followed.expected_share as numeric(18, 8)) as expected_share,
        cast(followed.cmi as numeric(18, 8)) as cmi,
        cast(followed.previous_cmi as numeric(18, 8)) as previous_cmi,
        cast(
            ln({{ as_double('followed.cmi / nullif(followed.previous_cmi, 0)') }}) as numeric(18, 8)
        ) as cmi_rise,
        cast(
            -1.0 * ln(
                {{ as_double('nullif(followed.cost_per_weight, 0) / nullif(followed.previous_cost_per_weight, 0)') }}
            ) as numeric(18, 8)
        ) as cost_drop,
        cast(followed.cmi_error as numeric(18, 8)) as cmi_error
    from followed
    inner join {{ ref('dim_organisation') }} as organisations on organisations.org_code = followed.org_code
    left join {{ ref('dim_department') }} as departments
        on
            followed.subject_type = 'department'
            and departments.org_code = followed.org_code
            and departments.dept_code = followed.subject_id
)

select * from described
