-- Grain: one measure of RX05 and one ended stay that it counts.
-- Rule: `part` is 1 where the stay counts in the numerator. use: every stay, with an antibacterial.
-- class1_prophylaxis: clean operations, with prophylaxis. class1_duration: those with prophylaxis, beyond its
-- usual hours (strict_part: beyond those of its kind of operation). culture_restricted, culture_special: stays
-- with an antibacterial of class 2 or 3, with a microbiological specimen taken before its first dose.
-- Source: core.fct_ward_stay, core.fct_report, int_ward_antibacterial, int_clean_operation.
with stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_month is not null
),

orders as (
    select * from {{ ref('int_ward_antibacterial') }}
),

used as (
    select
        org_code,
        adm_id,
        max(case when is_prophylactic then 1 else 0 end) as has_prophylaxis,
        max(case when is_prophylactic and is_beyond then 1 else 0 end) as is_beyond,
        max(case when is_prophylactic and is_beyond_own then 1 else 0 end) as is_beyond_own
    from orders
    group by org_code, adm_id
),

-- Few names of items stand for many reports.
tests as (
    select distinct
        reports.org_code,
        reports.item_code,
        reports.item_name
    from {{ ref('fct_report') }} as reports
    where reports.report_kind = 'lab' and reports.encounter_type = 'I'
),

microbiology as (
    select distinct
        tests.org_code,
        tests.item_code
    from tests
    inner join {{ ref('code_label') }} as labels
        on labels.code_set = 'microbiology_item' and tests.item_name like '%' || labels.code || '%'
),

specimens as (
    select
        reports.org_code,
        reports.encounter_id as adm_id,
        min(reports.sample_time) as first_sample
    from {{ ref('fct_report') }} as reports
    inner join microbiology
        on
            microbiology.org_code = reports.org_code
            and microbiology.item_code = reports.item_code
    where reports.encounter_type = 'I'
    group by reports.org_code, reports.encounter_id
),

controlled as (
    select
        org_code,
        adm_id,
        dept_code,
        dscg_month,
        antibac_class,
        min(first_time) as first_time
    from orders
    where antibac_class in (2, 3)
    group by org_code, adm_id, dept_code, dscg_month, antibac_class
),

parts as (
    select
        stays.org_code,
        'use' as measure,
        stays.adm_id,
        stays.dept_code,
        stays.dscg_month,
        case when used.adm_id is null then 0 else 1 end as part,
        0 as strict_part
    from stays
    left join used
        on
            used.org_code = stays.org_code
            and used.adm_id = stays.adm_id
    union all
    select
        operations.org_code,
        measures.measure,
        operations.adm_id,
        operations.dept_code,
        operations.dscg_month,
        case measures.measure
            when 'class1_duration' then used.is_beyond
            else coalesce(used.has_prophylaxis, 0)
        end as part,
        coalesce(used.is_beyond_own, 0) as strict_part
    from {{ ref('int_clean_operation') }} as operations
    left join used
        on
            used.org_code = operations.org_code
            and used.adm_id = operations.adm_id
    inner join (values ('class1_prophylaxis', 0), ('class1_duration', 1)) as measures (measure, least_prophylaxis)
        on coalesce(used.has_prophylaxis, 0) >= measures.least_prophylaxis
    union all
    select
        controlled.org_code,
        case controlled.antibac_class when 2 then 'culture_restricted' else 'culture_special' end as measure,
        controlled.adm_id,
        controlled.dept_code,
        controlled.dscg_month,
        case when specimens.first_sample <= controlled.first_time then 1 else 0 end as part,
        0 as strict_part
    from controlled
    left join specimens
        on
            specimens.org_code = controlled.org_code
            and specimens.adm_id = controlled.adm_id
)

select * from parts
