-- Grain: one organisation, paper on which traced materials stand (fee lines, hand-outs) and month.
-- Rule: pieces, and those of them whose identification was scanned; what was reversed or brought back is none. An
-- identification without a serial number stands for all pieces of its line.
-- Source: core.fct_fee_line, staging.stg_his__dispense, core.dim_material.
with hand_outs as (
    select * from {{ ref('stg_his__dispense') }}
    where item_kind = 'material'
),

brought_back as (
    select
        org_code,
        orig_dispense_id,
        sum(qty_min_unit) as qty_min_unit
    from hand_outs
    where orig_dispense_id is not null
    group by org_code, orig_dispense_id
),

papers as (
    select
        org_code,
        'his_fee' as paper,
        service_month as paper_month,
        item_code,
        net_qty as piece_count,
        udi as codes
    from {{ ref('fct_fee_line') }}
    where item_kind = 'material'
    union all
    select
        hand_outs.org_code,
        'his_dispense' as paper,
        hand_outs.dispense_month as paper_month,
        hand_outs.item_code,
        hand_outs.qty_min_unit + coalesce(brought_back.qty_min_unit, 0) as piece_count,
        hand_outs.trace_codes as codes
    from hand_outs
    left join brought_back
        on
            brought_back.org_code = hand_outs.org_code
            and brought_back.orig_dispense_id = hand_outs.dispense_id
    where hand_outs.orig_dispense_id is null
),

counted as (
    select
        papers.org_code,
        papers.paper,
        papers.paper_month,
        papers.piece_count,
        case
            when papers.codes is null then 0
            when {{ names_one_piece('papers.codes') }}
                then least(papers.piece_count, length(papers.codes) - length(replace(papers.codes, '|', '')) + 1)
            else papers.piece_count
        end as identified_count
    from papers
    inner join {{ ref('dim_material') }} as materials
        on
            materials.org_code = papers.org_code
            and materials.material_code = papers.item_code
            and materials.is_traced
    where papers.piece_count > 0
),

months as (
    select
        org_code,
        paper,
        paper_month,
        cast(sum(piece_count) as numeric(18, 4)) as piece_count,
        cast(sum(identified_count) as numeric(18, 4)) as identified_count
    from counted
    group by org_code, paper, paper_month
)

select * from months
