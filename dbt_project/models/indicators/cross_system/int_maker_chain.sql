-- Grain: one doctor, maker and quarter in which the doctor prescribed a product of the maker.
-- Rule: amounts at the hospital's mean price of each product. The share is that of the maker's products in all of the
-- classes they belong to; expected what the peers' shares give of the same classes, so that neither a dear product nor
-- a popular one counts. z compares prescriptions with expected ones on the scale of square roots (Anscombe's, a Poisson
-- count has a standard deviation of one half there), divided by the spread that all doctors and makers of the
-- quarter show, at least 1. The main product is the one with the largest excess.
-- maker_products is how many the hospitals' catalogues hold of the maker.
-- Source: int_maker_use, core.fct_prescription_line, core.dim_drug.
with uses as (
    select * from {{ ref('int_maker_use') }}
),

prices as (
    select
        org_code,
        cast(date_trunc('quarter', rx_month) as date) as quarter_start,
        {{ product_key() }} as product,
        sum(amount) / sum(qty_min_unit) as price
    from {{ ref('fct_prescription_line') }}
    where not is_self_provided and qty_min_unit > 0
    group by
        org_code, date_trunc('quarter', rx_month), {{ product_key() }}
),

portfolios as (
    select
        manufacturer_uscc as maker,
        count(distinct coalesce(generic_name, drug_code)) as maker_products
    from {{ ref('dim_drug') }}
    where manufacturer_uscc is not null
    group by manufacturer_uscc
),

-- A product that was there when the history began is not new.
histories as (
    select
        org_code,
        min(first_month) as first_month
    from uses
    group by org_code
),

priced as (
    select
        uses.*,
        split_part(uses.product, '|', 2) as maker,
        prices.price,
        uses.qty * prices.price as amount,
        uses.expected_qty * prices.price as expected_amount,
        sum(uses.qty * prices.price) over (
            partition by uses.org_code, uses.doctor_code, uses.quarter_start, uses.pharm_class
        ) as class_amount,
        row_number() over (
            partition by uses.org_code, uses.doctor_code, uses.quarter_start, split_part(uses.product, '|', 2)
            order by (uses.qty - coalesce(uses.expected_qty, 0)) * prices.price desc, uses.product
        ) as main_rank,
        row_number() over (
            partition by uses.org_code, uses.doctor_code, uses.quarter_start, split_part(uses.product, '|', 2), uses.pharm_class
            order by uses.product
        ) as class_rank
    from uses
    inner join prices
        on
            prices.org_code = uses.org_code
            and prices.quarter_start = uses.quarter_start
            and prices.product = uses.product
),

chains as (
    select
        priced.org_code,
        priced.doctor_code,
        max(priced.dept_code) as dept_code,
        max(priced.std_dept_code) as std_dept_code,
        priced.quarter_start,
        priced.maker,
        count(case when priced.is_top and priced.class_doctors >= min_doctors.value then 1 end) as top_products,
        sum(priced.prescriptions) as prescriptions,
        sum(priced.amount) as amount,
        sum(case when priced.class_rank = 1 then priced.class_amount end) as class_amount,
        -- Where a product has no peers, nothing is expected of the whole.
        case when count(priced.expected_qty) = count(*) then sum(priced.expected_amount) end as expected_amount,
        case when count(priced.expected_qty) = count(*) then sum(priced.expected_prescriptions) end
            as expected_prescriptions,
        min(priced.peer_n) as peer_n,
        max(case when priced.main_rank = 1 then priced.class_doctors end) as class_doctors,
        max(case when priced.main_rank = 1 then priced.hospital_share end) as hospital_share,
        max(case when priced.main_rank = 1 then priced.patients end) as patients,
        max(case when priced.main_rank = 1 then priced.months end) as months,
        max(case when priced.main_rank = 1 then priced.first_share end) as first_share,
        max(case when priced.main_rank = 1 then priced.expected_qty / priced.class_qty end) as peer_share,
        max(case when priced.main_rank = 1 then priced.first_month end) as first_month,
        max(histories.first_month) as history_start
    from priced
    inner join histories on histories.org_code = priced.org_code
    {{ threshold_join('min_doctors', 'XS03', 'min_eligible_doctors', 'priced.org_code', 'priced.quarter_start') }}
    group by priced.org_code, priced.doctor_code, priced.quarter_start, priced.maker
    having sum(priced.prescriptions) > 0
),

rooted as (
    select
        chains.*,
        2.0 * (sqrt({{ as_double('prescriptions') }}) - sqrt({{ as_double('expected_prescriptions') }} + 0.5)) as root_z
    from chains
    where maker <> ''
),

spreads as (
    select
        quarter_start,
        greatest(1.0, percentile_cont(0.5) within group (order by abs(root_z)) / 0.6745) as spread
    from rooted
    where root_z is not null
    group by quarter_start
),

tested as (
    select
        rooted.*,
        cast(rooted.root_z / spreads.spread as numeric(18, 4)) as z_score,
        cast({{ upper_tail_p('rooted.root_z / spreads.spread') }} as numeric(18, 12)) as p_value
    from rooted
    left join spreads on spreads.quarter_start = rooted.quarter_start
),

adjusted as (
    {{ benjamini_hochberg('tested', 'p_value', ['quarter_start']) }}
),

-- Quarters of the last year in which the doctor led the hospital in several of the maker's products.
led as (
    select
        adjusted.org_code,
        adjusted.doctor_code,
        adjusted.maker,
        adjusted.quarter_start
    from adjusted
    {{ threshold_join('min_products', 'XS03', 'min_top_products', 'adjusted.org_code', 'adjusted.quarter_start') }}
    where adjusted.top_products >= min_products.value
),

led_quarters as (
    select
        led.org_code,
        led.doctor_code,
        led.maker,
        led.quarter_start,
        count(*) as top_quarters
    from led
    inner join led as earlier
        on
            earlier.org_code = led.org_code
            and earlier.doctor_code = led.doctor_code
            and earlier.maker = led.maker
            and earlier.quarter_start between {{ add_months('led.quarter_start', '-9') }} and led.quarter_start
    group by led.org_code, led.doctor_code, led.maker, led.quarter_start
),

described as (
    select
        adjusted.org_code,
        adjusted.doctor_code,
        adjusted.dept_code,
        adjusted.std_dept_code,
        adjusted.quarter_start,
        adjusted.maker,
        cast(portfolios.maker_products as integer) as maker_products,
        cast(coalesce(led_quarters.top_quarters, 0) as integer) as top_quarters,
        cast(adjusted.prescriptions as integer) as prescriptions,
        cast(adjusted.patients as integer) as patients,
        cast(adjusted.months as integer) as months,
        cast(adjusted.class_doctors as integer) as class_doctors,
        adjusted.first_month,
        adjusted.history_start,
        cast(adjusted.hospital_share as numeric(18, 8)) as hospital_share,
        cast(adjusted.first_share as numeric(18, 8)) as first_share,
        cast(adjusted.peer_share as numeric(18, 8)) as peer_share,
        cast(adjusted.amount / nullif(adjusted.class_amount, 0) as numeric(18, 8)) as maker_share,
        cast(adjusted.expected_amount / nullif(adjusted.class_amount, 0) as numeric(18, 8)) as expected_share,
        cast(adjusted.peer_n as integer) as peer_n,
        adjusted.z_score,
        adjusted.p_value,
        adjusted.q_value
    from adjusted
    left join portfolios on portfolios.maker = adjusted.maker
    left join led_quarters
        on
            led_quarters.org_code = adjusted.org_code
            and led_quarters.doctor_code = adjusted.doctor_code
            and led_quarters.maker = adjusted.maker
            and led_quarters.quarter_start = adjusted.quarter_start
)

select * from described
