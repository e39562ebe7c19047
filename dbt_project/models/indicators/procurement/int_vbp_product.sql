-- Grain: one item of a hospital that an agreement is about.
-- Rule: selected is what has the national code of a selected product; of the same generic name, all else is not.
-- Source: core.dim_item, core.dim_vbp_quota, int_vbp_agreement.
with agreements as (
    select * from {{ ref('int_vbp_agreement') }}
),

selected_codes as (
    select distinct
        org_code,
        vbp_batch || '|' || coalesce(generic_name, med_list_codg) as subject_id,
        period_start,
        med_list_codg
    from {{ ref('dim_vbp_quota') }}
    where is_selected
),

items as (
    select * from {{ ref('dim_item') }}
    where item_kind in ('drug', 'material')
),

products as (
    select
        agreements.org_code,
        agreements.subject_id,
        agreements.period_start,
        agreements.counted_until,
        agreements.selected_price,
        items.item_kind,
        items.item_code,
        selected_codes.med_list_codg is not null as is_selected
    from agreements
    inner join items on agreements.org_code = items.org_code
    left join selected_codes
        on
            agreements.org_code = selected_codes.org_code
            and agreements.subject_id = selected_codes.subject_id
            and agreements.period_start = selected_codes.period_start
            and items.med_list_codg = selected_codes.med_list_codg
    where
        selected_codes.med_list_codg is not null
        or items.item_name = agreements.generic_name
)

select * from products
