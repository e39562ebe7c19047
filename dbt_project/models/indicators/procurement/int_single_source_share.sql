-- Grain: one organisation and calendar year with projects.
-- Rule: the part of its purchases by amount that came from a single source without an explanation, against mean and
-- standard deviation of the other organisations of the same year that buy enough.
-- Source: int_single_source.
with purchases as (
    select
        org_code,
        cast(extract(year from purchase_date) as integer) as purchase_year,
        amount,
        is_single_source,
        is_single_source and exclusive_reason is null and not is_emergency as is_counted
    from {{ ref('int_single_source') }}
    where purchase_date is not null and amount is not null
),

shares as (
    select
        org_code,
        purchase_year,
        count(*) as purchase_count,
        sum(amount) as total,
        coalesce(sum(case when is_counted then amount end), 0) as counted_amount,
        coalesce(sum(case when is_single_source then amount end), 0) as single_amount,
        {{ as_double("coalesce(sum(case when is_counted then amount end), 0) / nullif(sum(amount), 0)") }} as share
    from purchases
    group by org_code, purchase_year
),

limited as (
    select
        shares.*,
        min_purchases.value as min_purchases,
        min_peers.value as min_peers,
        rate_sd.value as rate_sd,
        min_gap.value as min_gap,
        shares.purchase_count >= min_purchases.value as is_large
    from shares
    {{ threshold_join('min_purchases', 'PR04', 'min_purchases_year', 'shares.org_code', 'make_date(shares.purchase_year, 1, 1)') }}
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'shares.org_code', 'make_date(shares.purchase_year, 1, 1)') }}
    {{ threshold_join('rate_sd', 'PR04', 'rate_sd', 'shares.org_code', 'make_date(shares.purchase_year, 1, 1)') }}
    {{ threshold_join('min_gap', 'PR04', 'min_gap', 'shares.org_code', 'make_date(shares.purchase_year, 1, 1)') }}
),

others as (
    select
        own.org_code,
        own.purchase_year,
        count(other.org_code) as peer_n,
        avg(other.share) as mean_share,
        stddev_samp(other.share) as sd_share
    from limited as own
    left join limited as other
        on
            own.purchase_year = other.purchase_year
            and own.org_code <> other.org_code
            and other.is_large
    group by own.org_code, own.purchase_year
),

compared as (
    select
        limited.*,
        others.peer_n,
        others.mean_share,
        others.sd_share,
        (limited.share - others.mean_share) / nullif(others.sd_share, 0) as deviation
    from limited
    inner join others
        on
            limited.org_code = others.org_code
            and limited.purchase_year = others.purchase_year
),

judged as (
    select
        compared.*,
        case
            when not is_large or total = 0 then 'below_volume'
            when peer_n < min_peers then 'no_peer_group'
            when share - mean_share > min_gap and share > mean_share + rate_sd * sd_share then 'fired'
            when
                single_amount / total - mean_share > min_gap and single_amount / total > mean_share + rate_sd * sd_share
                then 'explained'
            else 'clear'
        end as verdict
    from compared
)

select * from judged
