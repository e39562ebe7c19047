{%- set of_procurement = indicator_metadata() | selectattr('family', 'equalto', 'procurement') -%}
{%- set indicator_ids = of_procurement | map(attribute='indicator_id') | list -%}

-- Grain: one supplier (org_code *) or supplier at a hospital, and indicator of procurement.
-- Rule: a unit is a period for which the indicator was evaluated at a hospital to which the supplier bid, sold or
-- billed in it; it fired where a lead of the period points to a row that names the supplier. Affiliates are one supplier.
-- That somebody is named says that he is to be asked, not what he did. Counted for window_months.
-- Source: indicator_result, int_evidence_pointer, core.supplier_row.
with results as (
    select
        indicator_result.*,
        {{ lead_id('indicator_result') }} as lead_id
    from {{ ref('indicator_result') }} as indicator_result
    where
        indicator_id in ({% for id in indicator_ids %}'{{ id }}'{{ ', ' if not loop.last }}{% else %}''{% endfor %})
        and outcome in ('fired', 'clear', 'guarded')
        and period_end >= {{ subject_window_start() }}
),

periods as (
    select distinct
        indicator_id,
        org_code,
        period_start,
        period_end
    from results
),

supplier_rows as (
    select * from {{ ref('supplier_row') }}
),

active_months as (
    select distinct
        org_code,
        supplier_group_id,
        row_month
    from supplier_rows
),

active_units as (
    select distinct
        periods.indicator_id,
        periods.org_code,
        periods.period_start,
        active_months.supplier_group_id
    from periods
    inner join active_months
        on
            periods.org_code = active_months.org_code
            and active_months.row_month between {{ month_of('periods.period_start') }} and periods.period_end
),

fired_units as (
    select distinct
        results.indicator_id,
        results.org_code,
        results.period_start,
        supplier_rows.supplier_group_id
    from results
    inner join {{ ref('int_evidence_pointer') }} as pointers on results.lead_id = pointers.lead_id
    inner join supplier_rows
        on
            pointers.org_code = supplier_rows.org_code
            and pointers.source_table = supplier_rows.source_table
            and pointers.row_key = supplier_rows.row_key
    where results.outcome = 'fired'
),

all_units as (
    select * from active_units
    union
    select * from fired_units
),

units as (
    select
        all_units.*,
        case when fired_units.indicator_id is not null then 1 else 0 end as is_fired
    from all_units
    left join fired_units
        on
            all_units.indicator_id = fired_units.indicator_id
            and all_units.org_code = fired_units.org_code
            and all_units.period_start = fired_units.period_start
            and all_units.supplier_group_id = fired_units.supplier_group_id
),

attributed as (
    select
        units.*,
        'supplier' as entity_type,
        '*' as entity_org_code
    from units
    union all
    select
        units.*,
        'supplier_hospital' as entity_type,
        org_code as entity_org_code
    from units
),

measures as (
    select
        entity_type,
        entity_org_code as org_code,
        supplier_group_id as entity_id,
        indicator_id,
        'supplier' as subject_type,
        count(*) as units,
        sum(is_fired) as fired
    from attributed
    group by entity_type, entity_org_code, supplier_group_id, indicator_id
)

select * from measures
