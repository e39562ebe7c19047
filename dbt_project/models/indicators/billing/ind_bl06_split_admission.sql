-- Grain: one organisation and inpatient stay, in the month in which the stay began.
-- Rule: BL06, readmission of one person with the same main diagnosis (first three characters of
-- ICD-10) within 15 days of the last discharge (分解住院, 条例 §38; GZ10000204001): 0 to 7 days red,
-- 8 to 15 yellow.
-- Source: core.fct_stay, core.fct_insurance_settlement, ref.readmission_guard.
with inpatient_stays as (
    select * from {{ ref('fct_stay') }}
),

stays as (
    select
        inpatient_stays.*,
        row_number() over (
            partition by org_code, psn_key
            order by begin_date, coalesce(end_date, begin_date), mdtrt_id
        ) as stay_no
    from inpatient_stays
),

interim_stays as (
    select distinct
        org_code,
        mdtrt_id
    from {{ ref('fct_insurance_settlement') }}
    where is_interim
),

guards as (
    select * from {{ ref('readmission_guard') }}
),

stay_pairs as (
    select
        stays.org_code,
        stays.mdtrt_id,
        stays.psn_key,
        stays.begin_date,
        stays.begin_month,
        stays.dept_code,
        stays.main_icd,
        stays.main_icd3,
        stays.amount,
        stays.fund_amount,
        previous.mdtrt_id as previous_mdtrt_id,
        previous.end_date as previous_end_date,
        previous.main_icd3 as previous_icd3,
        previous.discharge_way as previous_discharge_way,
        interim_stays.mdtrt_id is not null as previous_is_interim,
        {{ days_between('previous.end_date', 'stays.begin_date') }} as gap_days,
        gap_red.value as gap_red,
        gap_yellow.value as gap_yellow
    from stays
    left join stays as previous
        on
            previous.org_code = stays.org_code
            and previous.psn_key = stays.psn_key
            and previous.stay_no = stays.stay_no - 1
    left join interim_stays
        on
            interim_stays.org_code = previous.org_code
            and interim_stays.mdtrt_id = previous.mdtrt_id
    {{ threshold_join('gap_red', 'BL06', 'gap_red', 'stays.org_code', 'stays.begin_month') }}
    {{ threshold_join('gap_yellow', 'BL06', 'gap_yellow', 'stays.org_code', 'stays.begin_month') }}
),

guarded_stays as (
    select
        stay_pairs.org_code,
        stay_pairs.mdtrt_id,
        min(guards.guard_code) as guard_code
    from stay_pairs
    inner join guards
        on
            (guards.match_on = 'diagnosis' and stay_pairs.main_icd like guards.pattern || '%')
            or (guards.match_on = 'discharge_way' and stay_pairs.previous_discharge_way = guards.pattern)
    group by stay_pairs.org_code, stay_pairs.mdtrt_id
),

judged_stays as (
    select
        stay_pairs.*,
        case
            when psn_key is null then 'missing_person'
            when previous_mdtrt_id is null then 'clear'
            when gap_yellow is null then 'missing_organisation'
            when previous_end_date is null then 'missing_discharge_date'
            when gap_days < 0 or gap_days > gap_yellow then 'clear'
            when main_icd3 is null or previous_icd3 is null then 'missing_diagnosis'
            when main_icd3 <> previous_icd3 then 'clear'
            when guarded_stays.guard_code is not null then guarded_stays.guard_code
            when gap_days <= 1 and previous_is_interim then 'interim_settlement'
            when
                gap_days <= 1
                and extract(year from previous_end_date) < extract(year from begin_date)
                then 'cross_year_settlement'
            else 'fired'
        end as verdict
    from stay_pairs
    left join guarded_stays
        on
            guarded_stays.org_code = stay_pairs.org_code
            and guarded_stays.mdtrt_id = stay_pairs.mdtrt_id
),

outcomes as (
    select
        judged_stays.*,
        judged_stays.mdtrt_id as subject_id,
        begin_month as period_start,
        {{ add_days(add_months('begin_month', 1), -1) }} as period_end,
        {{
            outcome_of(
                'verdict', ['missing_person', 'missing_organisation', 'missing_discharge_date', 'missing_diagnosis'],
            )
        }} as outcome,
        verdict as reason,
        case when gap_days <= gap_red then 'red' else 'yellow' end as zone,
        '疑点' as state,
        case when gap_days <= gap_red then gap_red else gap_yellow end as threshold
    from judged_stays
),

evidence as (
    select
        outcomes.org_code,
        outcomes.subject_id,
        outcomes.period_start,
        outcomes.outcome,
        'yb_mdtrt_d' as source_table,
        case when side.is_readmission then outcomes.subject_id else outcomes.previous_mdtrt_id end as row_key,
        case when side.is_readmission then outcomes.gap_days else 0 end as value,
        case when side.is_readmission then outcomes.amount else 0 end as risk_gross,
        case when side.is_readmission then outcomes.fund_amount else 0 end as risk_fund
    from outcomes
    cross join (values (true), (false)) as side (is_readmission)
    where outcomes.outcome in ('fired', 'guarded')
),

with_evidence as (
    {{ with_evidence('outcomes', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL06', '1.0.1', "'encounter'", 'with_evidence', value='gap_days',
            absent=['doctor_code', 'expected', 'peer_group', 'peer_n', 'n', 'deviation', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
