-- Grain: one line of a prescription, its quantity also in the smallest unit. Source: land.his_rx_item.
with latest as (
    {{ latest_version('his_rx_item', ['rx_item_id']) }}
),

drugs as (
    select * from {{ ref('stg_his__drug') }}
),

typed as (
    select
        latest.org_code,
        latest.rx_item_id,
        latest.rx_id,
        latest.drug_code,
        cast(latest.dose as numeric(18, 6)) as dose,
        latest.dose_unit,
        nullif(upper(trim(latest.freq_code)), '') as freq_code,
        cast(latest.freq_per_day as numeric(18, 4)) as freq_per_day,
        latest.route_code,
        cast(latest.days_supply as numeric(18, 2)) as days_supply,
        cast(latest.qty as numeric(18, 4)) as qty,
        latest.qty_unit,
        cast(
            {{
                to_smallest_unit(
                    'latest.qty', 'latest.qty_unit', 'drugs.pack_unit', 'drugs.min_unit', 'drugs.pack_ratio',
                )
            }}
            as numeric(18, 4)
        ) as qty_min_unit,
        cast(latest.unit_price as numeric(18, 6)) as unit_price,
        cast(latest.amount as numeric(18, 2)) as amount,
        coalesce(latest.is_self_provided, false) as is_self_provided,
        latest._batch_id as batch_id
    from latest
    left join drugs
        on
            latest.org_code = drugs.org_code
            and latest.drug_code = drugs.drug_code
),

flagged as (
    select
        typed.*,
        qty_min_unit is not null as unit_is_known
    from typed
)

select * from flagged
