-- Grain: one purchase order line, its quantity also in the smallest unit. Source: land.pr_order.
with latest as (
    {{ latest_version('pr_order', ['order_id', 'line_no']) }}
),

catalogue as (
    select
        org_code,
        'drug' as item_kind,
        drug_code as item_code,
        pack_unit,
        min_unit,
        pack_ratio
    from {{ ref('stg_his__drug') }}
    union all
    select
        org_code,
        'material' as item_kind,
        material_code as item_code,
        pack_unit,
        min_unit,
        pack_ratio
    from {{ ref('stg_his__material') }}
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
                    'latest.qty', 'latest.unit', 'catalogue.pack_unit', 'catalogue.min_unit', 'catalogue.pack_ratio',
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
    left join catalogue
        on
            latest.org_code = catalogue.org_code
            and latest.item_kind = catalogue.item_kind
            and latest.item_code = catalogue.item_code
),

flagged as (
    select
        typed.*,
        qty_min_unit is not null as unit_is_known
    from typed
)

select * from flagged
