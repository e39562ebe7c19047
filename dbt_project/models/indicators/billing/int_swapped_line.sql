{% set sides = ['udi', 'dispense', 'report'] %}

-- Grain: one fee line of a dear item, the item that the records show in its stead, and the part of the line that they
-- show it for.
-- Rule: three sides give evidence. The unique device identification on the line is that of a product with the other
-- code; the pharmacy handed out a product with the other code for the line; more reports of the other examination
-- than were billed stand beside fewer reports of this one than were billed in the encounter (lines on the day of the
-- first such report first, then the latest). Of several sides the one that shows the largest part counts. is_crossed: in the
-- same encounter as many pieces billed as the other item carry this one's identification.
-- Source: int_swappable_line, int_identified_line, core.dim_item, core.dim_drug, core.fct_ward_dispense, int_swap_examination.
with pairs as (
    select distinct
        org_code,
        billed_code,
        true_code
    from {{ ref('int_swappable_line') }}
),

identified_products as (
    select distinct
        org_code,
        med_list_codg,
        udi_di
    from {{ ref('dim_item') }}
    where item_kind = 'material' and udi_di is not null and med_list_codg is not null
),

-- An identification under both codes tells nothing.
telling_products as (
    select
        pairs.org_code,
        pairs.billed_code,
        pairs.true_code,
        true_products.udi_di
    from pairs
    inner join identified_products as true_products
        on
            pairs.org_code = true_products.org_code
            and pairs.true_code = true_products.med_list_codg
    left join identified_products as billed_products
        on
            pairs.org_code = billed_products.org_code
            and pairs.billed_code = billed_products.med_list_codg
            and true_products.udi_di = billed_products.udi_di
    where billed_products.udi_di is null
),

udi_pieces as (
    select
        lines.org_code,
        lines.fee_id,
        lines.true_code,
        max(length(lines.udi) - length(replace(lines.udi, '|', '')) + 1) as pieces,
        sum(
            (length(lines.udi) - length(replace(lines.udi, products.udi_di, ''))) / length(products.udi_di)
        ) as true_pieces
    from {{ ref('int_swappable_line') }} as lines
    inner join telling_products as products
        on
            lines.org_code = products.org_code
            and lines.billed_code = products.billed_code
            and lines.true_code = products.true_code
    where lines.udi is not null
    group by lines.org_code, lines.fee_id, lines.true_code
),

udi_side as (
    select
        org_code,
        fee_id,
        true_code,
        'udi' as side,
        cast(least(true_pieces, pieces) as numeric(18, 8)) / pieces as swapped_share
    from udi_pieces
    where true_pieces > 0
),

udi_encounters as (
    select
        lines.org_code,
        lines.encounter_type,
        lines.encounter_id,
        lines.billed_code,
        lines.true_code,
        sum(udi_pieces.true_pieces) as true_pieces
    from udi_pieces
    inner join {{ ref('int_swappable_line') }} as lines
        on
            udi_pieces.org_code = lines.org_code
            and udi_pieces.fee_id = lines.fee_id
            and udi_pieces.true_code = lines.true_code
    where udi_pieces.true_pieces > 0
    group by lines.org_code, lines.encounter_type, lines.encounter_id, lines.billed_code, lines.true_code
),

-- The other way round: billed as the other item, identified as this one.
crossed_encounters as (
    select
        udi_encounters.org_code,
        udi_encounters.encounter_type,
        udi_encounters.encounter_id,
        udi_encounters.billed_code,
        udi_encounters.true_code
    from udi_encounters
    inner join {{ ref('int_identified_line') }} as fee_lines
        on
            udi_encounters.org_code = fee_lines.org_code
            and udi_encounters.encounter_type = fee_lines.encounter_type
            and udi_encounters.encounter_id = fee_lines.encounter_id
            and udi_encounters.true_code = fee_lines.med_list_codg
    inner join identified_products as billed_products
        on
            udi_encounters.org_code = billed_products.org_code
            and udi_encounters.billed_code = billed_products.med_list_codg
    group by
        udi_encounters.org_code,
        udi_encounters.encounter_type,
        udi_encounters.encounter_id,
        udi_encounters.billed_code,
        udi_encounters.true_code,
        udi_encounters.true_pieces
    having
        sum(
            (length(fee_lines.udi) - length(replace(fee_lines.udi, billed_products.udi_di, '')))
            / length(billed_products.udi_di)
        ) >= udi_encounters.true_pieces
),

dispense_side as (
    select
        lines.org_code,
        lines.fee_id,
        lines.true_code,
        'dispense' as side,
        cast(
            sum(case when drugs.med_list_codg = lines.true_code then dispenses.net_qty else 0 end)
            / nullif(sum(dispenses.net_qty), 0) as numeric(18, 8)
        ) as swapped_share
    from {{ ref('int_swappable_line') }} as lines
    inner join {{ ref('fct_ward_dispense') }} as dispenses
        on
            lines.org_code = dispenses.org_code
            and lines.fee_id = dispenses.fee_id
    left join {{ ref('dim_drug') }} as drugs
        on
            dispenses.org_code = drugs.org_code
            and dispenses.drug_code = drugs.drug_code
    where lines.item_kind = 'drug'
    group by lines.org_code, lines.fee_id, lines.true_code
),

-- Reports of the other examination that nobody billed, beside billed ones of this that have no report.
misreported as (
    select
        pairs.org_code,
        too_many.encounter_type,
        too_many.encounter_id,
        pairs.billed_code,
        pairs.true_code,
        too_many.first_report_date,
        least(too_many.surplus, -too_few.surplus) as swapped_qty
    from {{ ref('int_swap_examination') }} as too_many
    inner join pairs
        on
            too_many.org_code = pairs.org_code
            and too_many.code = pairs.true_code
    inner join {{ ref('int_swap_examination') }} as too_few
        on
            too_many.org_code = too_few.org_code
            and too_many.encounter_type = too_few.encounter_type
            and too_many.encounter_id = too_few.encounter_id
            and pairs.billed_code = too_few.code
    where too_many.surplus > 0 and too_few.surplus < 0
),

misreported_lines as (
    select
        lines.org_code,
        lines.fee_id,
        lines.true_code,
        lines.net_qty,
        misreported.swapped_qty,
        sum(lines.net_qty) over (
            partition by lines.org_code, lines.encounter_type, lines.encounter_id, lines.billed_code, lines.true_code
            order by
                case when lines.service_date = misreported.first_report_date then 0 else 1 end,
                lines.fee_time desc,
                lines.fee_id
            rows between unbounded preceding and current row
        ) - lines.net_qty as put_down_before
    from {{ ref('int_swappable_line') }} as lines
    inner join misreported
        on
            lines.org_code = misreported.org_code
            and lines.encounter_type = misreported.encounter_type
            and lines.encounter_id = misreported.encounter_id
            and lines.billed_code = misreported.billed_code
            and lines.true_code = misreported.true_code
),

report_side as (
    select
        org_code,
        fee_id,
        true_code,
        'report' as side,
        cast(greatest(0, least(net_qty, swapped_qty - put_down_before)) / net_qty as numeric(18, 8)) as swapped_share
    from misreported_lines
),

shown as (
    {%- for side in sides %}
    select
        org_code,
        fee_id,
        true_code,
        side,
        swapped_share
    from {{ side }}_side
    where swapped_share > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

ranked as (
    select
        shown.*,
        row_number() over (partition by org_code, fee_id order by swapped_share desc, side, true_code) as place
    from shown
),

strongest as (
    select
        lines.org_code,
        lines.fee_id,
        lines.item_code,
        lines.service_month,
        lines.true_code,
        ranked.side,
        lines.unit_price,
        lines.true_unit_price,
        lines.net_amount,
        cast(lines.net_qty * ranked.swapped_share as numeric(18, 4)) as swapped_qty,
        ranked.side = 'udi' and crossed_encounters.org_code is not null as is_crossed
    from ranked
    inner join {{ ref('int_swappable_line') }} as lines
        on
            ranked.org_code = lines.org_code
            and ranked.fee_id = lines.fee_id
            and ranked.true_code = lines.true_code
    left join crossed_encounters
        on
            lines.org_code = crossed_encounters.org_code
            and lines.encounter_type = crossed_encounters.encounter_type
            and lines.encounter_id = crossed_encounters.encounter_id
            and lines.billed_code = crossed_encounters.billed_code
            and lines.true_code = crossed_encounters.true_code
    where ranked.place = 1
)

select * from strongest
