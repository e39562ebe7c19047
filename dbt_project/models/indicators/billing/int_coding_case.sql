-- Grain: one graded stay that counts in the measures of BL11 (b).
-- Rule: it is in a group, and names no new technology, which is paid on its own account. `expected_share` is the part of
-- the family's cases of the quarter at the other hospitals of the source that are in its highest group, null where the
-- family has one group or no other hospital has it.
-- Source: core.fct_grouped_case.
with cases as (
    select
        org_code,
        setl_id,
        source_id,
        dept_code,
        setl_quarter,
        family,
        weight,
        amount,
        has_lower_group,
        case when is_high then 1 else 0 end as is_high,
        excess_amount
    from {{ ref('fct_grouped_case') }}
    where family is not null and not has_new_technology
),

own_families as (
    select
        source_id,
        org_code,
        setl_quarter,
        family,
        count(*) as n,
        sum(is_high) as high
    from cases
    where has_lower_group
    group by source_id, org_code, setl_quarter, family
),

all_families as (
    select
        source_id,
        setl_quarter,
        family,
        sum(n) as n,
        sum(high) as high
    from own_families
    group by source_id, setl_quarter, family
),

expected as (
    select
        own_families.source_id,
        own_families.org_code,
        own_families.setl_quarter,
        own_families.family,
        cast(all_families.high - own_families.high as numeric(18, 8))
        / nullif(all_families.n - own_families.n, 0) as expected_share
    from own_families
    inner join all_families
        on
            all_families.source_id = own_families.source_id
            and all_families.setl_quarter = own_families.setl_quarter
            and all_families.family = own_families.family
),

described as (
    select
        cases.org_code,
        cases.setl_id,
        cases.dept_code,
        cases.setl_quarter,
        cases.weight,
        cases.amount,
        cases.has_lower_group,
        cases.is_high,
        cases.excess_amount,
        cast(expected.expected_share as numeric(18, 8)) as expected_share
    from cases
    left join expected
        on
            expected.source_id = cases.source_id
            and expected.org_code = cases.org_code
            and expected.setl_quarter = cases.setl_quarter
            and expected.family = cases.family
            and cases.has_lower_group
)

select * from described
