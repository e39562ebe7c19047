-- Grain: one valid insurance settlement that was not refunded.
-- Rule: a refund row and the settlement it names are both gone. An interim settlement is not counted
-- (is_counted false) where a final one of the same encounter covers its whole period.
-- Read after the list of batches that the build answers for: what is loaded later is told apart (row_balance).
-- depends_on: {{ ref('stg_ops__batch_in_build') }}
with valid as (
    select * from {{ ref('stg_insurance__setl_d') }}
    where vali_flag = '1'
),

refunded as (
    select distinct
        org_code,
        init_setl_id as setl_id
    from valid
    where refd_setl_flag = '1' and init_setl_id is not null
),

net as (
    select valid.*
    from valid
    left join refunded
        on
            valid.org_code = refunded.org_code
            and valid.setl_id = refunded.setl_id
    where
        coalesce(valid.refd_setl_flag, '0') <> '1'
        and refunded.setl_id is null
),

-- Interim settlements whose period a final settlement of the same encounter covers.
covered as (
    select distinct
        interim.org_code,
        interim.setl_id
    from net as interim
    inner join net as final
        on
            interim.org_code = final.org_code
            and interim.mdtrt_id = final.mdtrt_id
    where
        coalesce(interim.mid_setl_flag, '0') = '1'
        and coalesce(final.mid_setl_flag, '0') <> '1'
        and final.begndate <= interim.begndate
        and final.enddate >= interim.enddate
),

marked as (
    select
        net.org_code,
        net.setl_id,
        net.mdtrt_id,
        net.person_key,
        net.gend,
        net.brdy as birth_date,
        net.insu_admdvs as insured_area,
        net.begndate as begin_date,
        net.enddate as end_date,
        net.setl_time,
        net.setl_month,
        net.med_type,
        coalesce(net.mid_setl_flag, '0') = '1' as is_interim,
        covered.setl_id is null as is_counted,
        net.medfee_sumamt as amount,
        net.inscp_amt as inscp_amount,
        net.fund_pay_sumamt as fund_amount,
        net.batch_id
    from net
    left join covered
        on
            net.org_code = covered.org_code
            and net.setl_id = covered.setl_id
)

select * from marked
