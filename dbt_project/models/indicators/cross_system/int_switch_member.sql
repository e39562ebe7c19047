-- Grain: one generic that volume-based purchasing selected for the hospital for the first time, and drug of its class.
-- Rule: the class is the fourth level of the ATC code, without one the hospital's own class. first_day and last_day are those
-- of XS05.window_weeks before and after the selection. A table of its own, so that planners know how few rows it has when
-- all prescription lines are looked up in it.
-- Source: core.dim_drug, core.dim_vbp_quota.
with selections as (
    select
        org_code,
        generic_name as generic,
        min(period_start) as selected_on
    from {{ ref('dim_vbp_quota') }}
    where is_selected and generic_name is not null
    group by org_code, generic_name
),

classes as (
    select distinct
        org_code,
        generic_name,
        coalesce(left(atc_code, 5), pharm_class) as class_code
    from {{ ref('dim_drug') }}
    where generic_name is not null and coalesce(left(atc_code, 5), pharm_class) is not null
),

-- A generic that is selected in any period is no substitute.
selected_names as (
    select
        org_code,
        generic_name
    from {{ ref('dim_drug') }}
    where is_vbp_selected and generic_name is not null
    union
    select
        org_code,
        generic as generic_name
    from selections
),

switches as (
    select
        selections.org_code,
        selections.generic,
        selections.selected_on,
        of_generic.class_code,
        members.generic_name as drug_name,
        selected_names.generic_name is not null as is_selected,
        {{ add_days('selections.selected_on', '-7 * cast(weeks.value as integer)') }} as first_day,
        {{ add_days('selections.selected_on', '7 * cast(weeks.value as integer) - 1') }} as last_day
    from selections
    inner join classes as of_generic
        on
            of_generic.org_code = selections.org_code
            and of_generic.generic_name = selections.generic
    inner join classes as members
        on
            members.org_code = of_generic.org_code
            and members.class_code = of_generic.class_code
    left join selected_names
        on
            selected_names.org_code = members.org_code
            and selected_names.generic_name = members.generic_name
    {{ threshold_join('weeks', 'XS05', 'window_weeks', 'selections.org_code', month_of('selections.selected_on')) }}
)

select * from switches
