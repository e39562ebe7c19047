{{ config(indexes=[{'columns': ['org_code', 'setl_id'], 'unique': true}]) }}

-- Grain: one settled inpatient stay that the insurer graded into a group, or could not group.
-- Rule: the family of a DRG is its adjacent group, the first three characters of the code; a DIP group has none. The
-- lowest and highest weight of a family are those that one source gave cases of a year. `is_high`: the case is in the
-- highest group of a family that has several; `lower_amount`: what the family's lowest group is worth at the same rate
-- (standard amounts are proportional to weights), `excess_amount` what is paid beyond that. What was not grouped has
-- none of these. `has_new_technology`: the list names an operation of that kind (ref.coding_guard).
-- Source: staging, core.fct_insurance_settlement, core.fct_stay, ref.coding_guard.
with grouped as (
    select
        groups.org_code,
        groups.setl_id,
        batches.source_id,
        groups.grp_method,
        groups.grp_code,
        case
            when groups.grp_method = 'DRG' and groups.ungrouped_reason is null and groups.weight > 0
                then left(groups.grp_code, 3)
        end as family,
        groups.weight,
        groups.std_amount,
        groups.pay_amount,
        groups.ungrouped_reason,
        groups.batch_id,
        row_number() over (
            partition by groups.org_code, groups.setl_id order by case groups.grp_method when 'DRG' then 1 else 2 end
        ) = 1 as is_chosen
    from {{ ref('stg_insurance__drg_group') }} as groups
    inner join {{ ref('stg_ops__batch') }} as batches on batches.batch_id = groups.batch_id
),

settlements as (
    select * from {{ ref('fct_insurance_settlement') }}
    where is_counted
),

stays as (
    select * from {{ ref('fct_stay') }}
),

new_technology as (
    select distinct
        operations.org_code,
        operations.mdtrt_id
    from {{ ref('stg_insurance__setl_list_oprn_d') }} as operations
    inner join {{ ref('coding_guard') }} as guards
        on
            guards.guard_code = 'new_technology'
            and guards.match_on = 'operation'
            and operations.oprn_oprt_code like guards.pattern || '%'
    where operations.vali_flag = '1'
),

cases as (
    select
        grouped.org_code,
        grouped.setl_id,
        settlements.mdtrt_id,
        grouped.source_id,
        settlements.setl_month,
        cast(date_trunc('quarter', settlements.setl_month) as date) as setl_quarter,
        cast(date_trunc('year', settlements.setl_month) as date) as setl_year,
        stays.dept_code,
        stays.discharge_way,
        settlements.gend as sex,
        settlements.birth_date,
        settlements.begin_date,
        settlements.amount,
        grouped.grp_method,
        grouped.grp_code,
        grouped.family,
        grouped.weight,
        grouped.std_amount,
        grouped.pay_amount,
        grouped.ungrouped_reason,
        new_technology.mdtrt_id is not null as has_new_technology,
        row_number() over (
            partition by grouped.org_code, settlements.mdtrt_id order by settlements.setl_month desc, grouped.setl_id desc
        ) = 1 as is_last,
        grouped.batch_id
    from grouped
    inner join settlements
        on
            settlements.org_code = grouped.org_code
            and settlements.setl_id = grouped.setl_id
    inner join stays
        on
            stays.org_code = settlements.org_code
            and stays.mdtrt_id = settlements.mdtrt_id
    left join new_technology
        on
            new_technology.org_code = settlements.org_code
            and new_technology.mdtrt_id = settlements.mdtrt_id
    where grouped.is_chosen
),

families as (
    select
        source_id,
        setl_year,
        family,
        min(weight) as lowest_weight,
        max(weight) as highest_weight
    from cases
    where family is not null
    group by source_id, setl_year, family
),

ranked as (
    select
        cases.*,
        families.lowest_weight,
        families.highest_weight,
        families.highest_weight > families.lowest_weight as has_lower_group,
        coalesce(
            families.highest_weight > families.lowest_weight and cases.weight = families.highest_weight, false
        ) as is_high,
        cast(cases.std_amount * families.lowest_weight / nullif(cases.weight, 0) as numeric(18, 2)) as lower_amount
    from cases
    left join families
        on
            families.source_id = cases.source_id
            and families.setl_year = cases.setl_year
            and families.family = cases.family
),

valued as (
    select
        ranked.*,
        cast(
            case
                when has_lower_group and pay_amount is not null and lower_amount is not null
                    then greatest(pay_amount - lower_amount, 0)
            end as numeric(18, 2)
        ) as excess_amount
    from ranked
)

select * from valued
