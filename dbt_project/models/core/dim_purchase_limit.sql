-- Grain: one organisation, kind of purchase, kind of limit and stretch of time: the procurement limit that holds for it.
-- Rule: what its district publishes goes before what its city, its province and the country (000000) publish; of one
-- region the row that began last. A limit without an end holds until its region publishes the next one.
with limits as (
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
    from {{ ref('stg_procurement__purchase_limit') }}
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
        limits.category_kind,
        limits.threshold_kind,
        limits.amount,
        limits.source_doc,
        limits.valid_from,
        limits.valid_to,
        min(regions.precedence) over kind as nearest,
        regions.precedence
    from regions
    inner join limits on regions.region_code = limits.region_code
    window kind as (partition by regions.org_code, limits.category_kind, limits.threshold_kind)
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
    from held
    where precedence = nearest
)

select * from chosen
