-- Grain: one series of visits of representatives to a doctor for a product.
-- Rule: the ratio of rates after and before over that of the controls: the totals of the doctors who were not met, less the
-- doctor's own where not met either. The controls are those of the same hospital where they are enough doctors with enough
-- prescriptions of the product; few doctors can clear and not charge: they or those of all hospitals, whichever ratio has
-- risen more. Half a prescription is added to each count. A doctor without any prescription before or after has
-- no ratio. z is its logarithm over the root of the sum of the reciprocal counts, divided by the spread that the same ratio
-- shows on the hospital's placebo dates (at least 1): what it varies without visits is more than a Poisson count does.
-- Source: int_visit_trial, int_visit_use, core.fct_prescription_line.
with trials as (
    select * from {{ ref('int_visit_trial') }}
),

uses as (
    select * from {{ ref('int_visit_use') }}
),

hospital_totals as (
    select
        group_key,
        org_code,
        count(*) as doctors,
        sum(before_all) as before_all,
        sum(after_all) as after_all,
        sum(before_use) as before_use,
        sum(after_use) as after_use
    from uses
    where not is_met
    group by group_key, org_code
),

all_totals as (
    select
        group_key,
        sum(doctors) as doctors,
        sum(before_all) as before_all,
        sum(after_all) as after_all,
        sum(before_use) as before_use,
        sum(after_use) as after_use
    from hospital_totals
    group by group_key
),

totals as (
    select
        1 as rung,
        hospital_totals.*
    from hospital_totals
    union all
    select
        2 as rung,
        all_totals.group_key,
        cast(null as varchar(40)) as org_code,
        all_totals.doctors,
        all_totals.before_all,
        all_totals.after_all,
        all_totals.before_use,
        all_totals.after_use
    from all_totals
),

own as (
    select
        trials.trial_key,
        trials.org_code,
        trials.trial_date,
        trials.group_key,
        uses.before_all,
        uses.after_all,
        uses.before_use,
        uses.after_use,
        -- A doctor who was not met stands in the totals, and is no control of the own trial.
        case when uses.is_met then 0 else 1 end as is_in_totals
    from trials
    left join uses on uses.use_key = trials.group_key || '|' || trials.org_code || '|' || trials.doctor_code
),

controls as (
    select
        own.trial_key,
        own.org_code,
        own.trial_date,
        totals.rung,
        totals.doctors - case when own.before_all is null then 0 else own.is_in_totals end as doctors,
        totals.before_all - own.is_in_totals * coalesce(own.before_all, 0) as before_all,
        totals.after_all - own.is_in_totals * coalesce(own.after_all, 0) as after_all,
        totals.before_use - own.is_in_totals * coalesce(own.before_use, 0) as before_use,
        totals.after_use - own.is_in_totals * coalesce(own.after_use, 0) as after_use
    from own
    inner join totals
        on
            totals.group_key = own.group_key
            and (totals.rung = 2 or totals.org_code = own.org_code)
),

comparable as (
    select
        controls.*,
        min_controls.value as min_controls,
        (controls.after_use + 0.5) * controls.before_all / ((controls.before_use + 0.5) * controls.after_all)
            as control_ratio,
        max(controls.doctors) over (partition by controls.trial_key) as most_doctors
    from controls
    {{ threshold_join('min_control', 'XS04', 'min_control_rx', 'controls.org_code', month_of('controls.trial_date')) }}
    {{ threshold_join('min_controls', 'XS04', 'min_controls', 'controls.org_code', month_of('controls.trial_date')) }}
    where
        controls.before_use + controls.after_use >= min_control.value
        and controls.before_all > 0 and controls.after_all > 0
),

enough as (
    select
        comparable.*,
        row_number() over (
            partition by trial_key
            order by case when rung = 1 and doctors >= min_controls then 1 else 2 end, control_ratio desc, rung
        ) as choice
    from comparable
    where most_doctors >= min_controls
),

ratios as (
    select
        trials.*,
        own.before_all,
        own.after_all,
        own.before_use,
        own.after_use,
        enough.doctors as controls,
        enough.control_ratio,
        (own.after_use + 0.5) * nullif(own.before_all, 0) / nullif((own.before_use + 0.5) * own.after_all, 0)
            as own_ratio,
        sqrt(
            1.0 / (own.before_use + 0.5) + 1.0 / (own.after_use + 0.5)
            + 1.0 / (enough.before_use + 0.5) + 1.0 / (enough.after_use + 0.5)
        ) as standard_error
    from trials
    left join own on own.trial_key = trials.trial_key
    left join enough
        on
            enough.trial_key = trials.trial_key
            and enough.choice = 1
),

scaled as (
    select
        ratios.*,
        own_ratio / control_ratio as rate_ratio,
        ln({{ as_double('own_ratio / control_ratio') }}) / {{ as_double('standard_error') }} as raw_z
    from ratios
),

spreads as (
    select
        scaled.org_code,
        count(*) as placebos,
        greatest(1.0, sqrt(avg(scaled.raw_z * scaled.raw_z))) as spread
    from scaled
    {{ threshold_join('min_use', 'XS04', 'min_placebo_rx', 'scaled.org_code', month_of('scaled.trial_date')) }}
    where scaled.is_placebo and scaled.raw_z is not null and scaled.before_use + scaled.after_use >= min_use.value
    group by scaled.org_code
),

tested as (
    select
        scaled.trial_key,
        scaled.org_code,
        scaled.doctor_code,
        scaled.dept_code,
        scaled.std_dept_code,
        scaled.product,
        scaled.trial_date,
        scaled.last_visit,
        scaled.visits,
        scaled.post_end,
        scaled.is_covered,
        scaled.is_continued,
        cast(coalesce(spreads.placebos, 0) as integer) as placebos,
        cast(scaled.controls as integer) as controls,
        cast(scaled.before_use as integer) as before_use,
        cast(scaled.after_use as integer) as after_use,
        cast(scaled.control_ratio as numeric(18, 8)) as control_ratio,
        cast(scaled.rate_ratio as numeric(18, 8)) as rate_ratio,
        cast(scaled.after_use * (1 - 1 / nullif(scaled.rate_ratio, 0)) as numeric(18, 4)) as excess_use,
        cast(scaled.raw_z / spreads.spread as numeric(18, 4)) as z_score,
        case
            when scaled.visits >= min_visits.value
                then cast({{ upper_tail_p('scaled.raw_z / spreads.spread') }} as numeric(18, 12))
        end as p_value,
        cast(date_trunc('year', scaled.trial_date) as date) as trial_year
    from scaled
    left join spreads on spreads.org_code = scaled.org_code
    {{ threshold_join('min_visits', 'XS04', 'min_visits', 'scaled.org_code', month_of('scaled.trial_date')) }}
    where not scaled.is_placebo
),

-- A product that was there when the history began is not new.
launches as (
    select
        lines.org_code,
        {{ product_key('lines') }} as product,
        min(lines.rx_month) as first_month
    from {{ ref('fct_prescription_line') }} as lines
    group by lines.org_code, {{ product_key('lines') }}
),

histories as (
    select
        org_code,
        min(first_month) as history_start
    from launches
    group by org_code
),

adjusted as (
    {{ benjamini_hochberg('tested', 'p_value', ['trial_year']) }}
),

described as (
    select
        adjusted.*,
        launches.first_month,
        histories.history_start
    from adjusted
    left join launches
        on
            launches.org_code = adjusted.org_code
            and launches.product = adjusted.product
    left join histories on histories.org_code = adjusted.org_code
)

select * from described
