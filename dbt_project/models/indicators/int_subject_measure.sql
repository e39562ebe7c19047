-- Grain: one doctor, department, hospital, supplier or supplier at a hospital, indicator, kind of what was evaluated, and
-- form of the measure.
-- Rule: fired_share counts the units that fired among those evaluated; a guarded unit has its reason and did not
-- fire. p_value sums -ln p of the units with a test that were not guarded, p at least p_floor, and at least
-- clear_p_floor where the indicator let the unit pass (too small an effect, not persistent): a p says nothing of that.
-- A unit counts for its doctor, department and hospital, whatever money is in it, for window_months; those of suppliers
-- have no test of their own.
-- Source: indicator_result, int_supplier_measure.
with results as (
    select
        indicator_id,
        subject_type,
        org_code,
        dept_code,
        doctor_code,
        outcome,
        case
            when p_value is null or outcome = 'guarded' then null
            when outcome = 'fired' then greatest(p_value, {{ subject_parameter('p_floor') }})
            else greatest(p_value, {{ subject_parameter('clear_p_floor') }})
        end as p_value
    from {{ ref('indicator_result') }}
    where
        outcome in ('fired', 'clear', 'guarded')
        and period_end >= {{ subject_window_start() }}
),

counts as (
    select
        indicator_id,
        subject_type,
        org_code,
        dept_code,
        doctor_code,
        count(*) as units,
        count(case when outcome = 'fired' then 1 end) as fired,
        count(p_value) as tested,
        sum(cast(-1.0 * ln({{ as_double('p_value') }}) as numeric(18, 6))) as minus_log_p
    from results
    group by indicator_id, subject_type, org_code, dept_code, doctor_code
),

attributed as (
    select
        counts.*,
        'hospital' as entity_type,
        org_code as entity_id
    from counts
    union all
    select
        counts.*,
        'department' as entity_type,
        dept_code as entity_id
    from counts
    where dept_code is not null
    union all
    select
        counts.*,
        'doctor' as entity_type,
        doctor_code as entity_id
    from counts
    where doctor_code is not null
),

sums as (
    select
        entity_type,
        org_code,
        entity_id,
        indicator_id,
        subject_type,
        sum(units) as units,
        sum(fired) as fired,
        sum(tested) as tested,
        sum(minus_log_p) as minus_log_p
    from attributed
    group by entity_type, org_code, entity_id, indicator_id, subject_type
    union all
    select
        entity_type,
        org_code,
        entity_id,
        indicator_id,
        subject_type,
        units,
        fired,
        0 as tested,
        null as minus_log_p
    from {{ ref('int_supplier_measure') }}
),

forms as (
    select
        entity_type,
        org_code,
        entity_id,
        indicator_id,
        subject_type,
        'fired_share' as form,
        units as n,
        cast(fired as numeric(18, 6)) as total
    from sums
    union all
    select
        entity_type,
        org_code,
        entity_id,
        indicator_id,
        subject_type,
        'p_value' as form,
        tested as n,
        cast(minus_log_p as numeric(18, 6)) as total
    from sums
    where tested > 0
),

measures as (
    select
        forms.*,
        n >= {{ subject_parameter('min_units') }} as has_volume
    from forms
)

select * from measures
