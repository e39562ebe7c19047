-- Grain: one organisation, key-monitored drug and month, judged by its growth (RX10, drug side).
-- Rule: DDDs more than 50 % above the mean of the three months before the rise began, in two of the last
-- three months, with the false discovery rate held among the drugs of all organisations in the month.
-- A drug without DDDs is missing them only where it reaches the floors.
-- Source: int_product_month.
with products as (
    select * from {{ ref('int_product_month') }}
),

tested as (
    select
        products.*,
        cast({{ upper_tail_p('z_score') }} as numeric(18, 8)) as p_value
    from products
),

adjusted as (
    {{ benjamini_hochberg('tested', 'p_value', ['rx_month']) }}
),

-- One row a month and earlier or equal month of the window from which the rise may have begun.
rises as (
    select
        own.org_code,
        own.generic_name,
        own.rx_month,
        start_month.previous_mean as baseline,
        min(start_month.p_value) as p_value,
        min(start_month.q_value) as q_value,
        count(*) as risen_months
    from adjusted as own
    {{ threshold_join('months', 'ALL', 'persistence_window', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('growth_limit', 'RX10', 'growth', 'own.org_code', 'own.rx_month') }}
    inner join adjusted as start_month
        on
            start_month.org_code = own.org_code
            and start_month.generic_name = own.generic_name
            and start_month.rx_month <= own.rx_month
            and start_month.rx_month > {{ add_months('own.rx_month', '-1 * cast(months.value as integer)') }}
            and start_month.previous_months = 3
    inner join adjusted as risen
        on
            risen.org_code = own.org_code
            and risen.generic_name = own.generic_name
            and risen.rx_month between start_month.rx_month and own.rx_month
            and risen.ddds > start_month.previous_mean * (1 + growth_limit.value)
    where own.ddds > start_month.previous_mean * (1 + growth_limit.value)
    group by own.org_code, own.generic_name, own.rx_month, start_month.rx_month, start_month.previous_mean
),

ranked_rises as (
    select
        rises.*,
        row_number() over (
            partition by org_code, generic_name, rx_month
            order by risen_months desc, q_value, baseline
        ) as choice
    from rises
),

judged as (
    select
        adjusted.org_code,
        adjusted.generic_name,
        adjusted.rx_month,
        adjusted.prescriptions,
        adjusted.amount,
        adjusted.ddds,
        coalesce(ranked_rises.baseline, adjusted.previous_mean) as baseline,
        coalesce(ranked_rises.p_value, adjusted.p_value) as p_value,
        coalesce(ranked_rises.q_value, adjusted.q_value) as q_value,
        growth_limit.value as growth_limit,
        case
            when adjusted.prescriptions < min_rx.value or adjusted.amount < min_amount.value then 'below_volume'
            when adjusted.ddd_coverage < coverage.value then 'missing_ddd'
            when adjusted.previous_months < 3 and ranked_rises.baseline is null then 'short_history'
            when ranked_rises.baseline is null then 'clear'
            when ranked_rises.risen_months < persistence.value then 'not_persistent'
            when ranked_rises.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict
    from adjusted
    left join ranked_rises
        on
            ranked_rises.org_code = adjusted.org_code
            and ranked_rises.generic_name = adjusted.generic_name
            and ranked_rises.rx_month = adjusted.rx_month
            and ranked_rises.choice = 1
    {{ threshold_join('growth_limit', 'RX10', 'growth', 'adjusted.org_code', 'adjusted.rx_month') }}
    {{ threshold_join('min_rx', 'RX10', 'min_rx_product_month', 'adjusted.org_code', 'adjusted.rx_month') }}
    {{ threshold_join('min_amount', 'RX10', 'min_product_amount', 'adjusted.org_code', 'adjusted.rx_month') }}
    {{ threshold_join('coverage', 'ALL', 'min_coverage', 'adjusted.org_code', 'adjusted.rx_month') }}
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'adjusted.org_code', 'adjusted.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'adjusted.org_code', 'adjusted.rx_month') }}
)

select * from judged
