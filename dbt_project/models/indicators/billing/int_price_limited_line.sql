-- Grain: one fee line whose item has, or lately had, a price limit for the hospital's level.
-- Rule: price_limit holds on the day of the service; earlier_limit ran out at most
-- BL03.price_change_days before. Where several limits hold, the highest counts.
-- Source: core.fct_fee_line, core.dim_price_limit, core.dim_organisation.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

limits as (
    select * from {{ ref('dim_price_limit') }}
),

limited as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.item_code,
        fee_lines.service_month,
        fee_lines.unit_price,
        cast(max(
            case
                when
                    limits.valid_from <= fee_lines.service_date
                    and coalesce(limits.valid_to, fee_lines.service_date) >= fee_lines.service_date
                    then limits.price_limit
            end
        ) as numeric(18, 6)) as price_limit,
        cast(max(
            case
                when
                    limits.valid_to < fee_lines.service_date
                    and {{ days_between('limits.valid_to', 'fee_lines.service_date') }} <= change_days.value
                    then limits.price_limit
            end
        ) as numeric(18, 6)) as earlier_limit
    from fee_lines
    inner join organisations on organisations.org_code = fee_lines.org_code
    inner join limits
        on
            limits.med_list_codg = fee_lines.med_list_codg
            and limits.hosp_lv = organisations.org_level
            and limits.valid_from <= fee_lines.service_date
    {{ threshold_join('change_days', 'BL03', 'price_change_days', 'fee_lines.org_code', 'fee_lines.service_month') }}
    group by
        fee_lines.org_code, fee_lines.fee_id, fee_lines.item_code, fee_lines.service_month, fee_lines.unit_price
)

select * from limited
