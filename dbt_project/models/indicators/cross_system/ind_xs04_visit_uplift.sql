{% set reasons = ['continued_visits', 'below_volume', 'short_history', 'no_controls', 'few_placebos'] %}

-- Grain: one organisation, doctor, product and series of visits for it.
-- Rule: XS04, after at least 2 visits the doctor's rate of prescriptions with the product has risen at least 1.5 times as
-- much as that of doctors of the department who were not met, one-sided p < 0.01 against placebo dates, the false discovery
-- rate held. Rows behind are the doctor's lines of the product after the visits, and with 0 the visits. The excess is what lies
-- above the rate that the controls let expect.
-- Source: int_visit_effect, int_visit_span, int_product_visit, core.fct_prescription_line, core.fct_visit_contact.
with effects as (
    select * from {{ ref('int_visit_effect') }}
),

visits as (
    select * from {{ ref('int_product_visit') }}
),

judged as (
    select
        effects.*,
        min_rr.value as min_rr,
        case
            when effects.is_continued then 'continued_visits'
            when effects.visits < min_visits.value then 'below_volume'
            when not effects.is_covered then 'short_history'
            when effects.before_use is null then 'below_volume'
            when effects.controls is null then 'no_controls'
            when effects.placebos < min_placebos.value then 'few_placebos'
            when effects.rate_ratio is null or effects.p_value is null then 'below_volume'
            when
                effects.rate_ratio < min_rr.value
                or effects.p_value >= max_p.value
                or effects.excess_use < min_excess.value
                then 'clear'
            when
                effects.first_month > {{ add_months(month_of('effects.trial_date'), '-1 * cast(launch_months.value as integer)') }}
                and effects.first_month > effects.history_start
                then 'new_product'
            when effects.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict
    from effects
    {{ threshold_join('min_visits', 'XS04', 'min_visits', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('min_placebos', 'XS04', 'min_placebos', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('min_rr', 'XS04', 'min_rr', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('max_p', 'XS04', 'max_p', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('min_excess', 'XS04', 'min_excess_rx', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('launch_months', 'XS04', 'launch_months', 'effects.org_code', month_of('effects.trial_date')) }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'effects.org_code', month_of('effects.trial_date')) }}
),

outcomes as (
    select
        judged.org_code,
        judged.trial_key,
        judged.doctor_code || '|' || judged.product as subject_id,
        judged.doctor_code,
        judged.product,
        judged.dept_code,
        judged.trial_date,
        {{ month_of('judged.trial_date') }} as period_start,
        {{ add_days(add_months(month_of('judged.post_end'), 1), -1) }} as period_end,
        {{ outcome_of('verdict', not_computable=reasons) }} as outcome,
        judged.verdict as reason,
        'yellow' as zone,
        '线索' as state,
        judged.rate_ratio as value,
        judged.min_rr as threshold,
        1 as expected,
        judged.std_dept_code as peer_group,
        judged.controls as peer_n,
        judged.visits as n,
        judged.z_score as deviation,
        judged.p_value,
        judged.q_value,
        greatest(judged.excess_use / nullif(judged.after_use, 0), 0) as excess_share
    from judged
),

lines_after as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        outcomes.value as rate_ratio,
        outcomes.excess_share,
        lines.rx_item_id,
        lines.amount
    from outcomes
    inner join {{ ref('int_visit_span') }} as spans
        on
            spans.window_key = outcomes.trial_key
            and spans.is_after = 1
    -- One key of one column: by the index of organisations all lines would be read once for each doctor.
    inner join {{ ref('fct_prescription_line') }} as lines
        on
            lines.org_code || '|' || lines.doctor_code = outcomes.org_code || '|' || outcomes.doctor_code
            and {{ product_key('lines') }} = outcomes.product
            and cast(lines.rx_time as date) between spans.first_day and spans.last_day
    where
        outcomes.outcome in ('fired', 'guarded')
        and not lines.is_self_provided and lines.qty_min_unit > 0
),

lines_behind as (
    select
        org_code,
        subject_id,
        period_start,
        outcome,
        rx_item_id,
        rate_ratio * amount / nullif(sum(amount) over (partition by org_code, subject_id, period_start), 0) as value,
        amount * excess_share as risk_gross
    from lines_after
),

line_rows as (
    {{ line_evidence('lines_behind', 'rx_item_id', 'line.value', 'line.risk_gross') }}
),

visit_rows as (
    select distinct
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'sv_visit' as source_table,
        contacts.visit_id as row_key
    from outcomes
    inner join visits
        on
            visits.org_code = outcomes.org_code
            and visits.doctor_code = outcomes.doctor_code
            and visits.product = outcomes.product
            and visits.series_start = outcomes.trial_date
    inner join {{ ref('fct_visit_contact') }} as contacts
        on
            contacts.org_code = visits.org_code
            and contacts.doctor_code = visits.doctor_code
            and contacts.visit_date = visits.visit_date
    inner join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = contacts.org_code
            and drugs.med_list_codg = contacts.med_list_codg
            and {{ product_key('drugs') }} = outcomes.product
    where outcomes.outcome in ('fired', 'guarded')
),

evidence as (
    select * from line_rows
    union all
    select
        visit_rows.*,
        0 as value,
        0 as risk_gross,
        0 as risk_fund
    from visit_rows
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{ indicator_rows('XS04', '1.1.0', "'doctor_product'", 'with_evidence') }}
)

select * from indicator
