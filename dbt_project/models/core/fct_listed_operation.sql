-- Grain: one valid operation on the settlement list of a graded stay, in the month of its settlement.
-- Rule: `guard_code` names what ref.coding_guard says of the operation: new technology, or nothing of the theatre.
-- Source: staging, core.fct_grouped_case, ref.coding_guard.
with operations as (
    select * from {{ ref('stg_insurance__setl_list_oprn_d') }}
    where vali_flag = '1' and oprn_oprt_code is not null
),

stays as (
    select
        org_code,
        mdtrt_id,
        max(setl_month) as setl_month
    from {{ ref('fct_grouped_case') }}
    group by org_code, mdtrt_id
),

-- Few codes stand for many operations.
guards as (
    select
        codes.oprn_oprt_code,
        min(guards.guard_code) as guard_code
    from (select distinct oprn_oprt_code from operations) as codes
    inner join {{ ref('coding_guard') }} as guards
        on guards.match_on = 'operation' and codes.oprn_oprt_code like guards.pattern || '%'
    group by codes.oprn_oprt_code
),

placed as (
    select
        operations.org_code,
        operations.setl_list_oprn_id,
        operations.mdtrt_id,
        operations.oprn_oprt_code as icd9cm3,
        coalesce(operations.main_oprn_flag, '0') = '1' as is_main,
        guards.guard_code,
        stays.setl_month,
        operations.batch_id
    from operations
    inner join stays
        on
            stays.org_code = operations.org_code
            and stays.mdtrt_id = operations.mdtrt_id
    left join guards on guards.oprn_oprt_code = operations.oprn_oprt_code
)

select * from placed
