-- Grain: one inpatient stay and service that was billed by hand, with what records stand behind it.
-- Rule: billed is the net quantity of the stay's lines, recorded the larger of what was executed and what
-- was reported. The whole stay is compared, so that midnight and late notes move nothing. record_share
-- is the part of such pairs of the hospital and category of items that have any record: where it is
-- low, the records are kept elsewhere.
-- Source: core.fct_fee_line, core.fct_order_execution, core.fct_report.
with billed as (
    select
        org_code,
        encounter_id as adm_id,
        item_code,
        max(item_category) as item_category,
        sum(net_qty) as billed_qty
    from {{ ref('fct_fee_line') }}
    where encounter_type = 'I' and item_kind = 'service' and not is_auto_billed
    group by org_code, encounter_id, item_code
),

executed as (
    select
        org_code,
        adm_id,
        item_code,
        sum(exec_qty) as executed_qty
    from {{ ref('fct_order_execution') }}
    group by org_code, adm_id, item_code
),

reported as (
    select
        org_code,
        encounter_id as adm_id,
        item_code,
        count(*) as reported_qty
    from {{ ref('fct_report') }}
    where encounter_type = 'I'
    group by org_code, encounter_id, item_code
),

compared as (
    select
        billed.org_code,
        billed.adm_id,
        billed.item_code,
        billed.item_category,
        billed.billed_qty,
        greatest(coalesce(executed.executed_qty, 0), coalesce(reported.reported_qty, 0)) as recorded_qty
    from billed
    left join executed
        on
            billed.org_code = executed.org_code
            and billed.adm_id = executed.adm_id
            and billed.item_code = executed.item_code
    left join reported
        on
            billed.org_code = reported.org_code
            and billed.adm_id = reported.adm_id
            and billed.item_code = reported.item_code
),

shared as (
    select
        org_code,
        adm_id,
        item_code,
        cast(billed_qty as numeric(18, 4)) as billed_qty,
        cast(recorded_qty as numeric(18, 4)) as recorded_qty,
        cast(greatest(0, billed_qty - recorded_qty) as numeric(18, 4)) as excess_qty,
        cast(
            avg(case when recorded_qty > 0 then 1.0 else 0.0 end) over (partition by org_code, item_category)
            as numeric(9, 8)
        ) as record_share
    from compared
)

select * from shared
