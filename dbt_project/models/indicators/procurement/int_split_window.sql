-- Grain: one organisation, department, category and kind of limit, and calendar year: its largest window.
-- Rule: PR02 by window: purchases of one department and category from one company group within PR02.window_days days,
-- each below the limit that its method must stay below, together at or above it. A window belongs to the year of its last
-- day and is told by the purchase that ends it (anchor_id). What is excused is not counted; of equal sums the earliest.
-- Source: int_bound_purchase.
with purchases as (
    select * from {{ ref('int_bound_purchase') }}
    where limit_kind is not null
),

complete as (
    select
        purchases.*,
        cast(extract(year from purchase_date) as integer) as purchase_year
    from purchases
    where
        purchase_date is not null and requester_dept_code is not null and supplier_group_id is not null
        and amount < limit_amount
),

members as (
    select
        anchor.org_code,
        anchor.requester_dept_code,
        anchor.category_code,
        anchor.limit_kind,
        anchor.purchase_year,
        anchor.project_id as anchor_id,
        anchor.purchase_date as anchor_date,
        anchor.limit_amount,
        window_days.value as window_days,
        min_purchases.value as min_purchases,
        member.amount,
        member.excuse
    from complete as anchor
    {{ threshold_join('window_days', 'PR02', 'window_days', 'anchor.org_code', month_of('anchor.purchase_date')) }}
    {{ threshold_join('min_purchases', 'PR02', 'min_purchases', 'anchor.org_code', month_of('anchor.purchase_date')) }}
    inner join complete as member
        on
            anchor.org_code = member.org_code
            and anchor.requester_dept_code = member.requester_dept_code
            and anchor.category_code = member.category_code
            and anchor.limit_kind = member.limit_kind
            and anchor.supplier_group_id = member.supplier_group_id
            and {{ days_between('member.purchase_date', 'anchor.purchase_date') }} between 0 and window_days.value - 1
),

windows as (
    select
        org_code,
        requester_dept_code,
        category_code,
        limit_kind,
        purchase_year,
        anchor_id,
        anchor_date,
        max(limit_amount) as limit_amount,
        max(window_days) as window_days,
        max(min_purchases) as min_purchases,
        count(*) as member_count,
        cast(sum(amount) as numeric(18, 2)) as member_amount,
        count(case when excuse is null then 1 end) as counted,
        cast(coalesce(sum(case when excuse is null then amount end), 0) as numeric(18, 2)) as counted_amount,
        min(excuse) as excuse
    from members
    group by org_code, requester_dept_code, category_code, limit_kind, purchase_year, anchor_id, anchor_date
),

judged as (
    select
        windows.*,
        case
            when counted >= min_purchases and counted_amount >= limit_amount then 'fired'
            when member_count >= min_purchases and member_amount >= limit_amount then excuse
            else 'clear'
        end as verdict
    from windows
),

-- What a window cannot be built from, once a department, category and year.
incomplete as (
    select
        org_code,
        coalesce(requester_dept_code, '-') as requester_dept_code,
        category_code,
        limit_kind,
        coalesce(cast(extract(year from purchase_date) as integer), fiscal_year) as purchase_year,
        case
            when requester_dept_code is null then 'missing_department'
            when limit_amount is null then 'missing_limit'
            when lacks_parent then 'missing_parent_contract'
            else 'missing_amount'
        end as verdict
    from purchases
    where requester_dept_code is null or limit_amount is null or amount is null
),

candidates as (
    select
        org_code,
        requester_dept_code,
        category_code,
        limit_kind,
        purchase_year,
        anchor_id,
        anchor_date,
        limit_amount,
        window_days,
        member_count,
        member_amount,
        counted,
        counted_amount,
        verdict,
        case verdict when 'fired' then 1 when 'clear' then 4 else 3 end as rank_of_verdict
    from judged
    union all
    select
        org_code,
        requester_dept_code,
        category_code,
        limit_kind,
        purchase_year,
        cast(null as varchar(100)) as anchor_id,
        cast(null as date) as anchor_date,
        cast(null as numeric(18, 2)) as limit_amount,
        null as window_days,
        0 as member_count,
        cast(0 as numeric(18, 2)) as member_amount,
        0 as counted,
        cast(0 as numeric(18, 2)) as counted_amount,
        verdict,
        2 as rank_of_verdict
    from incomplete
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by org_code, requester_dept_code, category_code, limit_kind, purchase_year
            order by rank_of_verdict, counted_amount desc, member_amount desc, anchor_date, anchor_id, verdict
        ) as place
    from candidates
),

largest as (
    select * from ranked
    where place = 1
)

select * from largest
