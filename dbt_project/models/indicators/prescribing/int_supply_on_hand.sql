-- Grain: one organisation, visit and drug (generic name) that a person got while an earlier supply should still last,
-- at whatever hospital it was prescribed.
-- Rule: RX14 (b). Supplies of a drug are used one after the other: on hand is when the last of them ends less the day
-- of the visit. One visit's sheets are one supply, and so is what a stay's patient takes home. Who has no pseudonym is
-- the patient of the hospital. A supply whose days are not known (is_after_unknown) hides what is on hand. Herbs and
-- forms whose pack and not the dose decides how long it lasts are left out.
-- Source: int_supply_line, core.dim_patient.
with lines as (
    select
        org_code,
        patient_id,
        drug_name,
        coalesce(visit_id, rx_id) as visit_id,
        rx_time,
        rx_month,
        main_icd3,
        is_long_term,
        strength_value,
        extend_reason,
        days
    from {{ ref('int_supply_line') }}
    where drug_class <> 'herb_piece' and not is_used_by_pack
),

patients as (
    select * from {{ ref('dim_patient') }}
),

chronic as (
    select code as icd3
    from {{ ref('code_label') }}
    where code_set = 'chronic_diagnosis'
),

shared_persons as (
    select person_key
    from patients
    where person_key is not null
    group by person_key
    having count(*) > 1
),

-- Who is a patient of several hospitals may get a drug once at each of them.
known_elsewhere as (
    select
        patients.org_code,
        patients.patient_id
    from patients
    inner join shared_persons on shared_persons.person_key = patients.person_key
),

taken_again as (
    select
        org_code,
        patient_id,
        drug_name
    from lines
    group by org_code, patient_id, drug_name
    having
        min(rx_time) < max(rx_time)
        -- Of two supplies the first may be used up long before the second.
        and (
            count(*) > 2
            or count(*) > count(days)
            or {{ days_between('min(rx_time)', 'max(rx_time)') }} < max(days)
        )
    union
    select
        lines.org_code,
        lines.patient_id,
        lines.drug_name
    from lines
    inner join known_elsewhere
        on
            known_elsewhere.org_code = lines.org_code
            and known_elsewhere.patient_id = lines.patient_id
),

visits as (
    select
        lines.org_code,
        lines.patient_id,
        lines.drug_name,
        lines.visit_id,
        min(lines.rx_time) as rx_time,
        min(lines.rx_month) as rx_month,
        max(lines.main_icd3) as main_icd3,
        max(case when lines.is_long_term then 1 else 0 end) as is_long_term,
        max(lines.strength_value) as strength_value,
        max(lines.extend_reason) as extend_reason,
        sum(lines.days) as days,
        count(*) > count(lines.days) as is_unknown
    from lines
    inner join taken_again
        on
            taken_again.org_code = lines.org_code
            and taken_again.patient_id = lines.patient_id
            and taken_again.drug_name = lines.drug_name
    group by lines.org_code, lines.patient_id, lines.drug_name, lines.visit_id
),

persons as (
    select
        visits.*,
        coalesce(patients.person_key, visits.org_code || '|' || visits.patient_id) as person_id
    from visits
    left join patients
        on
            patients.org_code = visits.org_code
            and patients.patient_id = visits.patient_id
),

counted as (
    select
        persons.*,
        {{ days_between("date '2000-01-01'", 'persons.rx_time') }} as visit_day,
        coalesce(sum(persons.days) over earlier, 0) as days_before,
        lag(persons.strength_value) over in_order as strength_before,
        lag(persons.rx_time) over in_order as time_before,
        lag(persons.is_unknown) over in_order as is_after_unknown
    from persons
    window
        in_order as (
            partition by persons.person_id, persons.drug_name
            order by persons.rx_time, persons.org_code, persons.visit_id
        ),
        earlier as (in_order rows between unbounded preceding and 1 preceding)
),

-- The supplies up to a visit end at the latest of: the day of any of them plus all days from it on.
ends as (
    select
        counted.*,
        days_before + max(visit_day - days_before) over (
            partition by person_id, drug_name
            order by rx_time, org_code, visit_id
            rows between unbounded preceding and 1 preceding
        ) - visit_day as on_hand
    from counted
),

kept as (
    select
        ends.org_code,
        ends.visit_id,
        ends.drug_name,
        ends.rx_month,
        cast(ends.days as numeric(18, 4)) as days,
        cast(ends.on_hand as numeric(18, 4)) as on_hand,
        case when ends.is_long_term = 1 or chronic.icd3 is not null then 'chronic' else 'acute' end as course,
        coalesce(ends.strength_value <> ends.strength_before, false) as is_strength_change,
        ends.is_after_unknown,
        cast({{ days_between('ends.time_before', 'ends.rx_time') }} as integer) as days_since,
        ends.extend_reason
    from ends
    left join chronic on chronic.icd3 = ends.main_icd3
    where ends.on_hand > 0 or ends.is_after_unknown
)

select * from kept
