-- Grain: one purchase order line, its quantity also in the smallest unit. Source: land.pr_order.
with latest as (
    {{ latest_version('pr_order', ['order_id', 'line_no']) }}
),

drugs as (
    select * from {{ ref('stg_his__drug') }}
),

materials as (
    select * from {{ ref('stg_his__material') }}
),

typed as (
    select
        latest.org_code,
        latest.order_id,
        latest.line_no,
        latest.order_time,
        {{ month_of('latest.order_time') }} as order_month,
        latest.supplier_code,
        nullif(trim(latest.contract_id), '') as contract_id,
        nullif(trim(latest.project_id), '') as project_id,
        coalesce(latest.is_emergency, false) as is_emergency,
        latest.item_kind,
        latest.item_code,
        nullif(trim(latest.med_list_codg), '') as med_list_codg,
        nullif(trim(latest.category_code), '') as category_code,
        cast(latest.qty as numeric(18, 4)) as qty,
        latest.unit,
        cast(
            {{
                to_smallest_unit(
                    'latest.qty', 'latest.unit', 'coalesce(drugs.pack_unit, materials.pack_unit)',
                    'coalesce(drugs.min_unit, materials.min_unit)', 'coalesce(drugs.pack_ratio, materials.pack_ratio)',
                )
            }}
            as numeric(18, 4)
        ) as qty_min_unit,
        cast(latest.unit_price as numeric(18, 6)) as unit_price,
        cast(latest.amount as numeric(18, 2)) as amount,
        latest.status,
        nullif(trim(latest.requester_dept_code), '') as requester_dept_code,
        nullif(trim(latest.handler_code), '') as handler_code,
        nullif(trim(latest.approver_code), '') as approver_code,
        latest._batch_id as batch_id
    from latest
    left join drugs
        on
            latest.org_code = drugs.org_code
            and latest.item_code = drugs.drug_code
            and latest.item_kind = 'drug'
    left join materials
        on
            latest.org_code = materials.org_code
            and latest.item_code = materials.material_code
            and latest.item_kind = 'material'
),

flagged as (
    select
        typed.*,
        qty_min_unit is not null as unit_is_known
    from typed
)

select * from flagged
