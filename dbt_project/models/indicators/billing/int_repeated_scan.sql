-- Grain: one fee line of a CT or MRI that follows another one of the same person at another hospital of its group within
-- BL15.repeat_days.
-- Rule: BL15, repeated examinations within a group (集团内重复检查). Both are of one kind (ref.code_label, scan_kind) and the
-- first was reported before the second was done; that its result was normal is not asked, since no contract holds results.
-- Who has no pseudonym is known to one hospital only. Another main diagnosis stands for a change of condition, another national
-- code for another technique (contrast, plain). `part` is the line's part of the examination, 1 unless it is billed in parts.
-- Source: core.fct_report, core.fct_encounter_cost, core.fct_fee_line, core.dim_item, core.dim_organisation, core.dim_patient.
with members as (
    select
        org_code,
        group_code,
        count(*) over (partition by group_code) as hospitals
    from {{ ref('dim_organisation') }}
    where group_code is not null
),

shared_persons as (
    select person_key
    from {{ ref('dim_patient') }}
    where person_key is not null
    group by person_key
    having min(org_code) <> max(org_code)
),

items as (
    select
        items.org_code,
        items.item_code,
        items.med_list_codg,
        kinds.category as scan_kind
    from {{ ref('dim_item') }} as items
    inner join {{ ref('code_label') }} as kinds
        on
            kinds.code_set = 'scan_kind'
            and kinds.code = left(items.med_list_codg, 6)
    where items.item_kind = 'service'
),

-- An examination may have several reports.
examinations as (
    select
        reports.org_code,
        reports.encounter_type,
        reports.encounter_id,
        reports.item_code,
        members.group_code,
        items.scan_kind,
        items.med_list_codg,
        min(reports.exec_time) as exec_time,
        min(case when reports.status = 'reported' then reports.report_time end) as report_time
    from {{ ref('fct_report') }} as reports
    inner join members
        on
            members.org_code = reports.org_code
            and members.hospitals > 1
    inner join items
        on
            items.org_code = reports.org_code
            and items.item_code = reports.item_code
    where reports.status <> 'cancelled' and reports.exec_time is not null
    group by
        reports.org_code, reports.encounter_type, reports.encounter_id, reports.item_code, members.group_code,
        items.scan_kind, items.med_list_codg
),

scans as (
    select
        examinations.*,
        costs.person_id,
        costs.main_icd3,
        costs.dept_code,
        costs.setting,
        costs.quarter_start
    from examinations
    inner join {{ ref('fct_encounter_cost') }} as costs
        on
            costs.org_code = examinations.org_code
            and costs.encounter_type = examinations.encounter_type
            and costs.encounter_id = examinations.encounter_id
    inner join shared_persons on shared_persons.person_key = costs.person_id
    where costs.dept_code is not null
),

quarters as (
    select distinct
        org_code,
        quarter_start
    from scans
),

limits as (
    select
        quarters.org_code,
        quarters.quarter_start,
        repeat_days.value as repeat_days
    from quarters
    {{ threshold_join('repeat_days', 'BL15', 'repeat_days', 'quarters.org_code', 'quarters.quarter_start') }}
),

pairs as (
    select
        scans.*,
        case
            when scans.main_icd3 is null or earlier.main_icd3 is null then 'missing_diagnosis'
            when scans.main_icd3 <> earlier.main_icd3 then 'other_condition'
            when scans.med_list_codg <> earlier.med_list_codg then 'other_technique'
            else 'fired'
        end as verdict
    from scans
    inner join limits
        on
            limits.org_code = scans.org_code
            and limits.quarter_start = scans.quarter_start
    inner join scans as earlier
        on
            earlier.group_code = scans.group_code
            and earlier.person_id = scans.person_id
            and earlier.scan_kind = scans.scan_kind
            and earlier.org_code <> scans.org_code
            and earlier.report_time <= scans.exec_time
            and {{ days_between('earlier.exec_time', 'scans.exec_time') }} <= limits.repeat_days
),

-- One of several earlier ones is enough.
repeats as (
    select
        org_code,
        encounter_type,
        encounter_id,
        item_code,
        dept_code,
        setting,
        scan_kind,
        quarter_start,
        max(case verdict when 'fired' then 1 else 0 end) as has_fired,
        min(verdict) as other_verdict
    from pairs
    group by org_code, encounter_type, encounter_id, item_code, dept_code, setting, scan_kind, quarter_start
),

lines as (
    select
        repeats.org_code,
        fee_lines.fee_id,
        repeats.dept_code || '|' || repeats.setting || '|repeated_' || repeats.scan_kind as subject_id,
        repeats.dept_code,
        repeats.quarter_start as period_start,
        fee_lines.net_amount as amount,
        case repeats.has_fired when 1 then 'fired' else repeats.other_verdict end as verdict,
        cast(
            1.0 / count(*) over (
                partition by repeats.org_code, repeats.encounter_type, repeats.encounter_id, repeats.item_code
            ) as numeric(9, 8)
        ) as part
    from repeats
    inner join {{ ref('fct_fee_line') }} as fee_lines
        on
            fee_lines.org_code = repeats.org_code
            and fee_lines.encounter_type = repeats.encounter_type
            and fee_lines.encounter_id = repeats.encounter_id
            and fee_lines.item_code = repeats.item_code
            and fee_lines.item_kind = 'service'
),

judged as (
    select
        lines.*,
        {{ outcome_of('verdict', ['missing_diagnosis']) }} as outcome
    from lines
)

select * from judged
