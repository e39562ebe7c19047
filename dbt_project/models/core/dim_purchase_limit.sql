-- Grain: one organisation, kind of purchase, kind of limit and stretch of time: the procurement limit that holds for it.
-- Rule: on each day what its district publishes goes before what its city, its province and the country (000000) publish;
-- of one region the row that began last. A limit without an end holds until its region publishes the next one. Of two
-- rows of one region that begin on one day (from two sources) the higher amount holds: nobody is told that a purchase lies
-- above a limit which another notice does not set.
with published as (
    select
        limits.*,
        row_number() over (
            partition by region_code, category_kind, threshold_kind, valid_from
            order by amount desc, valid_to desc nulls first, org_code
        ) as place
    from {{ ref('stg_procurement__purchase_limit') }} as limits
    where coalesce(valid_to, valid_from) >= valid_from
),

limits as (
    select
        region_code,
        category_kind,
        threshold_kind,
        amount,
        source_doc,
        valid_from,
        coalesce(
            valid_to,
            {{ add_days(
                'lead(valid_from) over (partition by region_code, category_kind, threshold_kind order by valid_from)', -1
            ) }},
            date '9999-12-31'
        ) as valid_to
    from published
    where place = 1
),

regions as (
    select
        org_code,
        district_code as region_code,
        1 as precedence
    from {{ ref('dim_organisation') }}
    union all
    select
        org_code,
        left(district_code, 4) || '00' as region_code,
        2 as precedence
    from {{ ref('dim_organisation') }}
    union all
    select
        org_code,
        left(district_code, 2) || '0000' as region_code,
        3 as precedence
    from {{ ref('dim_organisation') }}
    union all
    select
        org_code,
        '000000' as region_code,
        4 as precedence
    from {{ ref('dim_organisation') }}
),

held as (
    select
        regions.org_code,
        regions.precedence,
        limits.category_kind,
        limits.threshold_kind,
        limits.amount,
        limits.source_doc,
        limits.valid_from,
        limits.valid_to
    from regions
    inner join limits on regions.region_code = limits.region_code
),

-- Days on which another limit may begin to hold: one begins, or the day after one ended.
turns as (
    select
        org_code,
        category_kind,
        threshold_kind,
        valid_from as turn_date
    from held
    union
    select
        org_code,
        category_kind,
        threshold_kind,
        {{ add_days('valid_to', 1) }} as turn_date
    from held
    where valid_to < date '9999-12-31'
),

stretches as (
    select
        org_code,
        category_kind,
        threshold_kind,
        turn_date as valid_from,
        coalesce(
            {{ add_days(
                'lead(turn_date) over (partition by org_code, category_kind, threshold_kind order by turn_date)', -1
            ) }},
            date '9999-12-31'
        ) as valid_to
    from turns
),

ranked as (
    select
        stretches.org_code,
        stretches.category_kind,
        stretches.threshold_kind,
        held.amount,
        held.source_doc,
        stretches.valid_from,
        stretches.valid_to,
        row_number() over (
            partition by stretches.org_code, stretches.category_kind, stretches.threshold_kind, stretches.valid_from
            order by held.precedence, held.valid_from desc
        ) as place
    from stretches
    inner join held
        on
            stretches.org_code = held.org_code
            and stretches.category_kind = held.category_kind
            and stretches.threshold_kind = held.threshold_kind
            and stretches.valid_from between held.valid_from and held.valid_to
),

chosen as (
    select
        org_code,
        category_kind,
        threshold_kind,
        amount,
        source_doc,
        valid_from,
        valid_to
    from ranked
    where place = 1
)

select * from chosen
