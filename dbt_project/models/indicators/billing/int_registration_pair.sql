-- Grain: one paid registration with another one of the same person and standard department that came
-- before it and still covers it.
-- Rule: a registration covers BL17.window_hours from its own time. One that is itself covered covers
-- nothing further: the fee of a later visit is doubtful then, and no finding. Where several cover a
-- visit, the one that leaves least doubt counts. Before the first day of the policy (valid_from of the
-- threshold) nothing is covered.
-- Categories 02, 12 and 13 are the consultation, the general treatment and the registration fee.
-- Source: core.fct_fee_line, core.fct_outp_visit.
with registration_lines as (
    select distinct
        org_code,
        encounter_id as visit_id
    from {{ ref('fct_fee_line') }}
    where encounter_type = 'O' and item_category in ('02', '12', '13') and net_amount > 0
),

paid_visits as (
    select
        visits.org_code,
        visits.visit_id,
        visits.person_id,
        coalesce(visits.std_dept_code, visits.dept_code) as department,
        visits.register_time,
        visits.visit_kind = 'emergency' as is_emergency,
        visits.is_return,
        visits.main_icd3
    from {{ ref('fct_outp_visit') }} as visits
    inner join registration_lines
        on
            visits.org_code = registration_lines.org_code
            and visits.visit_id = registration_lines.visit_id
),

covered as (
    select
        later.org_code,
        later.visit_id,
        earlier.visit_id as earlier_visit_id,
        case
            when later.is_emergency <> earlier.is_emergency then 'emergency_visit'
            when later.is_return then 'fired'
            when later.main_icd3 is null or earlier.main_icd3 is null then 'missing_diagnosis'
            when later.main_icd3 <> earlier.main_icd3 then 'other_illness'
            else 'fired'
        end as verdict
    from paid_visits as later
    inner join paid_visits as earlier
        on
            later.org_code = earlier.org_code
            and later.person_id = earlier.person_id
            and later.department = earlier.department
            and (
                later.register_time > earlier.register_time
                or (later.register_time = earlier.register_time and later.visit_id > earlier.visit_id)
            )
    {{ threshold_join('hours', 'BL17', 'window_hours', 'later.org_code', month_of('later.register_time')) }}
    where later.register_time < {{ add_hours('earlier.register_time', 'hours.value') }}
),

repeats as (
    select distinct
        org_code,
        visit_id
    from covered
    where verdict = 'fired'
),

ranked as (
    select
        covered.org_code,
        covered.visit_id,
        covered.earlier_visit_id,
        covered.verdict,
        row_number() over (
            partition by covered.org_code, covered.visit_id
            order by
                case covered.verdict when 'fired' then 1 when 'missing_diagnosis' then 2 else 3 end,
                covered.earlier_visit_id
        ) as place
    from covered
    left join repeats
        on
            covered.org_code = repeats.org_code
            and covered.earlier_visit_id = repeats.visit_id
    where repeats.visit_id is null
),

strongest as (
    select
        org_code,
        visit_id,
        earlier_visit_id,
        verdict
    from ranked
    where place = 1
)

select * from strongest
