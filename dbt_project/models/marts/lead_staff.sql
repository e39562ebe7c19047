{#- Not where other marts are: what reads those cannot read this, whatever it asks (decision 0014). -#}
{{ config(schema='names', grants={'select': ['qinglian_names']}) }}
{% set department = "coalesce(doctors.dept_name, nullif(leads.dept_name, '—'))" %}

-- Grain: one lead that still fires and the member of staff whom it concerns, with the name: the only mart that has one.
-- Rule: the person is that of the lead (as in lead_entity); doctors whose rows stand behind a lead of a department or of
-- somebody else are not named. Staff without a name in the register have no row.
-- Source: lead_listing, lead, core.dim_doctor.
with leads as (
    select * from {{ ref('lead_listing') }}
    where is_active
),

named as (
    select
        leads.*,
        doctors.doctor_code,
        doctors.doctor_name,
        doctors.dept_name as staff_dept_name,
        {{ staff_label(department, 'doctors.doctor_code', '工号') }} as staff_label,
        {{ staff_label(department, 'doctors.doctor_code', 'staff no.') }} as staff_label_en
    from leads
    inner join {{ ref('lead') }} as lead on leads.lead_id = lead.lead_id
    inner join {{ ref('dim_doctor') }} as doctors
        on
            lead.org_code = doctors.org_code
            and lead.doctor_code = doctors.doctor_code
    where doctors.doctor_name is not null
),

typed as (
    select
        cast(lead_id as varchar(32)) as lead_id,
        cast(org_code as varchar(12)) as org_code,
        cast(org_name as varchar(200)) as org_name,
        cast(org_level_zh as varchar(60)) as org_level_zh,
        cast(district_name as varchar(60)) as district_name,
        cast(staff_dept_name as varchar(200)) as dept_name,
        cast(doctor_code as varchar(60)) as staff_code,
        cast(staff_label as varchar(300)) as staff_label,
        cast(staff_label_en as varchar(300)) as staff_label_en,
        cast(doctor_name as varchar(100)) as staff_name,
        cast(indicator_id as varchar(10)) as indicator_id,
        cast(indicator_name_zh as varchar(100)) as indicator_name_zh,
        cast(family as varchar(30)) as family,
        cast(family_zh as varchar(30)) as family_zh,
        cast(light as varchar(10)) as light,
        cast(light_zh as varchar(10)) as light_zh,
        cast(period_month as date) as period_month,
        cast(subject_label as varchar(500)) as subject_label,
        cast(subject_label_en as varchar(500)) as subject_label_en,
        cast(risk_gross as numeric(18, 2)) as risk_gross
    from named
)

select * from typed
