-- Grain: one doctor, quarter and product of int_product_peer, with what RX11 says of it.
-- Rule: floors and quotient first, then what excuses it; the product was prescribed in at least two months of
-- the quarter. A table of its own, so that the planner knows how few rows fired.
-- Source: int_product_peer.
with products as (
    select * from {{ ref('int_product_peer') }}
),

-- A product that was there when the history began is not new.
histories as (
    select
        org_code,
        min(first_month) as first_month
    from products
    group by org_code
),

judged as (
    select
        products.*,
        cast(min_lq.value * products.peer_share as numeric(18, 8)) as share_limit,
        case
            when
                products.hospital_share < min_share.value
                or products.prescriptions < min_rx.value
                or products.patients < min_patients.value
                then 'clear'
            when products.peer_n is null and products.class_doctors < min_doctors.value then 'few_prescribers'
            when products.peer_n is null then 'no_peer_group'
            when
                products.class_share < min_lq.value * products.peer_share
                or coalesce(products.z_score, 0) <= mod_z.value
                then 'clear'
            when products.class_doctors < min_doctors.value then 'few_prescribers'
            when
                products.first_month > {{ add_months('products.quarter_start', '-1 * cast(launch_months.value as integer)') }}
                and products.first_month > histories.first_month
                then 'new_product'
            when coalesce(products.first_share, 0) < min_lq.value * products.peer_share then 'refills'
            when products.months < persistence.value then 'not_persistent'
            when products.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict
    from products
    inner join histories on histories.org_code = products.org_code
    {{ threshold_join('min_share', 'RX11', 'min_share', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('min_lq', 'RX11', 'min_lq', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('min_rx', 'RX11', 'min_rx', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('min_patients', 'RX11', 'min_patients', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('min_doctors', 'RX11', 'min_eligible_doctors', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('launch_months', 'RX11', 'launch_months', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('mod_z', 'RX11', 'mod_z', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'products.org_code', 'products.quarter_start') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'products.org_code', 'products.quarter_start') }}
)

select * from judged
