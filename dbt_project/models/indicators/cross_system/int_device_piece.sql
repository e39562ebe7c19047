-- Grain: one piece of a traced material, by its identification (UDI): on each fee line that bills it, or issued unbilled.
-- Rule: the three papers of a piece side by side: billed, issued (the first hand-out), delivered. `is_piece` where the
-- identification has a serial number and so names one piece, not a lot. `is_swapped` where the stay was delivered as
-- many pieces of the billed model as it was billed, so that two labels were only taken for one another.
-- Source: core.fct_device_billed, core.fct_device_issued, core.fct_device_received, core.dim_item, core.fct_ward_stay.
with billed as (
    select
        pieces.*,
        row_number() over (
            partition by pieces.org_code, pieces.udi
            order by pieces.fee_time, pieces.fee_id
        ) as billing_no
    from {{ ref('fct_device_billed') }} as pieces
),

numbered_issues as (
    select
        pieces.*,
        row_number() over (
            partition by pieces.org_code, pieces.udi
            order by pieces.dispense_time, pieces.dispense_id
        ) as issue_no
    from {{ ref('fct_device_issued') }} as pieces
),

issued as (
    select * from numbered_issues
    where issue_no = 1
),

received as (
    select
        pieces.*,
        items.charge_price
    from {{ ref('fct_device_received') }} as pieces
    left join {{ ref('dim_item') }} as items
        on
            items.org_code = pieces.org_code
            and items.item_kind = 'material'
            and items.item_code = pieces.item_code
),

billed_models as (
    select
        org_code,
        encounter_type,
        encounter_id,
        item_code,
        count(*) as piece_count
    from billed
    group by org_code, encounter_type, encounter_id, item_code
),

delivered_models as (
    select
        billed.org_code,
        billed.encounter_type,
        billed.encounter_id,
        received.item_code,
        count(*) as piece_count
    from billed
    inner join received
        on
            received.org_code = billed.org_code
            and received.udi = billed.udi
    group by billed.org_code, billed.encounter_type, billed.encounter_id, received.item_code
),

papers as (
    select
        billed.org_code,
        'his_fee' as paper,
        billed.fee_id as row_key,
        billed.udi,
        billed.is_piece,
        billed.encounter_type,
        billed.encounter_id,
        billed.item_code,
        billed.fee_time as event_time,
        billed.service_month as event_month,
        billed.unit_amount,
        billed.billing_no,
        issued.udi is not null as is_issued,
        received.item_code as received_item,
        received.charge_price as received_price,
        received.receipt_time,
        coalesce(delivered_models.piece_count >= billed_models.piece_count, false) as is_swapped,
        1 = 0 as is_in_ward
    from billed
    left join issued
        on
            issued.org_code = billed.org_code
            and issued.udi = billed.udi
    left join received
        on
            received.org_code = billed.org_code
            and received.udi = billed.udi
    left join billed_models
        on
            billed_models.org_code = billed.org_code
            and billed_models.encounter_type = billed.encounter_type
            and billed_models.encounter_id = billed.encounter_id
            and billed_models.item_code = billed.item_code
    left join delivered_models
        on
            delivered_models.org_code = billed.org_code
            and delivered_models.encounter_type = billed.encounter_type
            and delivered_models.encounter_id = billed.encounter_id
            and delivered_models.item_code = billed.item_code
),

unbilled as (
    select
        issued.org_code,
        'his_dispense' as paper,
        issued.dispense_id as row_key,
        issued.udi,
        {{ names_one_piece('issued.udi') }} as is_piece,
        issued.encounter_type,
        issued.encounter_id,
        issued.item_code,
        issued.dispense_time as event_time,
        issued.dispense_month as event_month,
        cast(0 as numeric(18, 6)) as unit_amount,
        0 as billing_no,
        1 = 1 as is_issued,
        received.item_code as received_item,
        received.charge_price as received_price,
        received.receipt_time,
        1 = 0 as is_swapped,
        stays.adm_id is not null and stays.dscg_time is null as is_in_ward
    from issued
    left join billed
        on
            billed.org_code = issued.org_code
            and billed.udi = issued.udi
    left join received
        on
            received.org_code = issued.org_code
            and received.udi = issued.udi
    left join {{ ref('fct_ward_stay') }} as stays
        on
            stays.org_code = issued.org_code
            and stays.adm_id = issued.encounter_id
            and issued.encounter_type = 'I'
    where billed.udi is null
),

pieces as (
    select * from papers
    union all
    select * from unbilled
)

select * from pieces
