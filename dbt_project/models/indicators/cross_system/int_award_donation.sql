-- Grain: one awarded lot of an open or invited tender and one donation by the company that won it.
-- Rule: XS11, the donation lies donation_window_before days or less before the opening of bids, or on its day.
-- donor_hospitals counts the hospitals to which the company gave within nationwide_days of this donation.
-- Source: core.fct_lot, core.fct_donation, core.dim_supplier.
with lots as (
    select
        lots.*,
        cast(lots.open_time as date) as opened_on,
        coalesce(suppliers.supplier_id, lots.org_code || ':' || lots.winner_supplier_code) as winner_id
    from {{ ref('fct_lot') }} as lots
    left join {{ ref('dim_supplier') }} as suppliers
        on
            lots.org_code = suppliers.org_code
            and lots.winner_supplier_code = suppliers.supplier_code
    where
        lots.method in ('open', 'invited')
        and lots.outcome = 'awarded'
        and lots.open_month is not null
        and lots.winner_supplier_code is not null
),

donations as (
    select * from {{ ref('fct_donation') }}
    where donor_id is not null
),

given as (
    select
        lots.org_code,
        lots.lot_key,
        lots.winner_id,
        lots.opened_on,
        lots.open_month,
        donations.donation_id,
        donations.donated_on,
        donations.kind,
        cast(coalesce(donations.amount, 0) as numeric(18, 2)) as amount
    from lots
    inner join donations
        on
            lots.org_code = donations.org_code
            and lots.winner_id = donations.donor_id
    {{ threshold_join('window_before', 'XS11', 'donation_window_before', 'lots.org_code', 'lots.open_month') }}
    where {{ days_between('donations.donated_on', 'lots.opened_on') }} between 0 and window_before.value
),

spread as (
    select
        given.org_code,
        given.lot_key,
        given.donation_id,
        count(distinct elsewhere.org_code) as donor_hospitals
    from given
    inner join donations as elsewhere on given.winner_id = elsewhere.donor_id
    {{ threshold_join('nationwide_days', 'XS11', 'nationwide_days', 'given.org_code', 'given.open_month') }}
    where abs({{ days_between('given.donated_on', 'elsewhere.donated_on') }}) <= nationwide_days.value
    group by given.org_code, given.lot_key, given.donation_id
),

counted as (
    select
        given.*,
        spread.donor_hospitals
    from given
    inner join spread
        on
            given.org_code = spread.org_code
            and given.lot_key = spread.lot_key
            and given.donation_id = spread.donation_id
)

select * from counted
