-- Grain: one organisation, year, method and kind of limit with purchases below it.
-- Rule: purchases in the band PR03.band (5 %) below the limit against those in the band twice as wide before it; the same
-- at placebo limits as far below (PR03.placebo, 0.9 times) and above (1.1 times), where nothing should happen. A limit that
-- changed within the year makes both bands meaningless. Amounts are held against the limit of their own day and kind.
-- Source: int_bound_purchase.
with purchases as (
    select
        org_code,
        method || '|' || limit_kind as subject_id,
        cast(extract(year from purchase_date) as integer) as purchase_year,
        project_id,
        category_kind,
        limit_amount,
        amount,
        lacks_parent,
        amount / nullif(limit_amount, 0) as limit_share
    from {{ ref('int_bound_purchase') }}
    where limit_kind is not null and purchase_date is not null
),

limited as (
    select
        purchases.*,
        band.value as band,
        placebo.value as placebo
    from purchases
    {{ threshold_join('band', 'PR03', 'band', 'purchases.org_code', 'make_date(purchases.purchase_year, 1, 1)') }}
    {{ threshold_join('placebo', 'PR03', 'placebo', 'purchases.org_code', 'make_date(purchases.purchase_year, 1, 1)') }}
),

banded as (
    select
        limited.*,
        limit_share >= 1 - band and limit_share < 1 as is_near,
        limit_share >= 1 - 3 * band and limit_share < 1 - band as is_before,
        limit_share >= placebo * (1 - band) and limit_share < placebo as is_near_lower,
        limit_share >= placebo * (1 - 3 * band) and limit_share < placebo * (1 - band) as is_before_lower,
        limit_share >= (2 - placebo) * (1 - band) and limit_share < 2 - placebo as is_near_upper,
        limit_share >= (2 - placebo) * (1 - 3 * band) and limit_share < (2 - placebo) * (1 - band) as is_before_upper
    from limited
),

changed as (
    select
        org_code,
        subject_id,
        purchase_year
    from (
        select
            org_code,
            subject_id,
            purchase_year,
            category_kind
        from banded
        group by org_code, subject_id, purchase_year, category_kind
        having count(distinct limit_amount) > 1
    ) as changed_kinds
    group by org_code, subject_id, purchase_year
),

counted as (
    select
        banded.org_code,
        banded.subject_id,
        banded.purchase_year,
        count(*) as purchase_count,
        count(case when limit_share is null then 1 end) as without_share,
        count(case when limit_amount is null then 1 end) as without_limit,
        count(case when banded.lacks_parent then 1 end) as without_parent,
        count(case when is_near then 1 end) as near,
        count(case when is_before then 1 end) as before,
        cast(coalesce(sum(case when is_near then amount end), 0) as numeric(18, 2)) as near_amount,
        count(case when is_near_lower then 1 end) as near_lower,
        count(case when is_before_lower then 1 end) as before_lower,
        count(case when is_near_upper then 1 end) as near_upper,
        count(case when is_before_upper then 1 end) as before_upper,
        max(min_n.value) as min_n,
        max(min_ratio.value) as min_ratio
    from banded
    {{ threshold_join('min_n', 'PR03', 'min_purchases', 'banded.org_code', 'make_date(banded.purchase_year, 1, 1)') }}
    {{ threshold_join('min_ratio', 'PR03', 'bunching_ratio', 'banded.org_code', 'make_date(banded.purchase_year, 1, 1)') }}
    group by banded.org_code, banded.subject_id, banded.purchase_year
),

judged as (
    select
        counted.*,
        cast(near / cast(greatest(before, 1) as numeric(18, 4)) as numeric(18, 4)) as ratio,
        case
            when without_limit = purchase_count then 'missing_limit'
            when without_share = purchase_count and without_parent > 0 then 'missing_parent_contract'
            when without_share = purchase_count then 'missing_amount'
            when near + before < min_n then 'below_volume'
            when near < min_ratio * greatest(before, 1) then 'clear'
            when changed.org_code is not null then 'limit_changed'
            when near_lower + before_lower >= min_n and near_lower >= min_ratio * greatest(before_lower, 1) then 'placebo'
            when near_upper + before_upper >= min_n and near_upper >= min_ratio * greatest(before_upper, 1) then 'placebo'
            else 'fired'
        end as verdict
    from counted
    left join changed
        on
            counted.org_code = changed.org_code
            and counted.subject_id = changed.subject_id
            and counted.purchase_year = changed.purchase_year
)

select * from judged
