-- Grain: one line of a valid prescription, or one fee line of a drug that an inpatient was handed out to take home.
-- Rule: the days are the recorded ones, else quantity / (units a dose x doses a day); pack_days is what one
-- smallest pack holds. limit_kind names the limit of RX02.max_days that holds: by control class, dosage form,
-- pain or ADHD diagnosis, long-term programme, kind of prescription. Injected narcotics are limited to one dose
-- (RX02.max_doses), so their measure is doses. Discharge drugs have no national limit (local_discharge): their
-- supply_limit is null unless the hospital has one. The drugs that a stay's patient takes home count as one visit.
-- Source: core.fct_prescription, core.fct_prescription_line, core.fct_ward_dispense, core.fct_encounter_cost,
-- core.dim_drug, int_limit_diagnosis.
with prescribed as (
    select
        lines.org_code,
        lines.rx_item_id as line_id,
        lines.rx_item_id,
        {{ as_text('null') }} as fee_id,
        lines.rx_id,
        prescriptions.visit_id,
        prescriptions.patient_id,
        prescriptions.rx_kind,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        prescriptions.main_icd3,
        prescriptions.rx_time,
        prescriptions.rx_month,
        prescriptions.extend_reason,
        prescriptions.long_term_flag,
        lines.drug_code,
        lines.generic_name,
        lines.special_class,
        lines.antibac_class,
        lines.drug_class,
        lines.atc_code,
        lines.pharm_class,
        lines.dosage_form,
        lines.is_injection,
        lines.strength_value,
        lines.strength_unit,
        lines.min_unit,
        lines.pack_ratio,
        lines.dose,
        lines.dose_unit,
        lines.freq_code,
        lines.freq_per_day,
        lines.days_supply,
        lines.qty_min_unit,
        lines.amount
    from {{ ref('fct_prescription_line') }} as lines
    inner join {{ ref('fct_prescription') }} as prescriptions
        on
            prescriptions.org_code = lines.org_code
            and prescriptions.rx_id = lines.rx_id
    where not lines.is_self_provided and not coalesce(lines.is_solvent, false)
),

-- A fee line may be handed out in parts.
taken_home as (
    select
        org_code,
        fee_id,
        adm_id,
        max(patient_id) as patient_id,
        max(dept_code) as dept_code,
        max(doctor_code) as doctor_code,
        max(drug_code) as drug_code,
        min(dispense_time) as dispense_time,
        max(dose) as dose,
        max(dose_unit) as dose_unit,
        max(freq_code) as freq_code,
        max(freq_per_day) as freq_per_day,
        sum(net_qty) as net_qty,
        max(amount) as amount
    from {{ ref('fct_ward_dispense') }}
    where is_discharge_drug
    group by org_code, fee_id, adm_id
),

handed_out as (
    select
        taken_home.org_code,
        'his_fee|' || taken_home.fee_id as line_id,
        {{ as_text('null') }} as rx_item_id,
        taken_home.fee_id,
        {{ as_text('null') }} as rx_id,
        'his_admission|' || taken_home.adm_id as visit_id,
        taken_home.patient_id,
        'discharge' as rx_kind,
        taken_home.doctor_code,
        taken_home.dept_code,
        costs.main_icd3,
        taken_home.dispense_time as rx_time,
        {{ month_of('taken_home.dispense_time') }} as rx_month,
        {{ as_text('null') }} as extend_reason,
        1 = 0 as long_term_flag,
        taken_home.drug_code,
        drugs.generic_name,
        drugs.special_class,
        drugs.antibac_class,
        drugs.drug_class,
        drugs.atc_code,
        drugs.pharm_class,
        drugs.dosage_form,
        drugs.is_injection,
        drugs.strength_value,
        drugs.strength_unit,
        drugs.min_unit,
        drugs.pack_ratio,
        taken_home.dose,
        taken_home.dose_unit,
        taken_home.freq_code,
        taken_home.freq_per_day,
        cast(null as numeric(18, 2)) as days_supply,
        taken_home.net_qty as qty_min_unit,
        taken_home.amount
    from taken_home
    inner join {{ ref('dim_drug') }} as drugs
        on
            drugs.org_code = taken_home.org_code
            and drugs.drug_code = taken_home.drug_code
    left join {{ ref('fct_encounter_cost') }} as costs
        on
            costs.org_code = taken_home.org_code
            and costs.encounter_type = 'I'
            and costs.encounter_id = taken_home.adm_id
    where not coalesce(drugs.is_solvent, false)
),

lines as (
    select * from prescribed
    union all
    select * from handed_out
),

packed_forms as (
    select * from {{ ref('code_label') }}
    where code_set = 'pack_dosage_form'
),

-- Forms whose pack, and not the dose, decides how long it lasts.
drugs_by_pack as (
    select distinct
        drugs.org_code,
        drugs.drug_code
    from {{ ref('dim_drug') }} as drugs
    inner join packed_forms on drugs.dosage_form like '%' || packed_forms.code || '%'
),

on_demand as (
    select code as freq_code
    from {{ ref('code_label') }}
    where code_set = 'on_demand_frequency'
),

diagnosis_groups as (
    select
        org_code,
        visit_id,
        max(case when diagnosis_group = 'pain' then 1 else 0 end) as has_pain,
        max(case when diagnosis_group = 'adhd' then 1 else 0 end) as has_adhd
    from {{ ref('int_limit_diagnosis') }}
    group by org_code, visit_id
),

dosed as (
    select
        lines.*,
        case
            when lines.dose_unit = lines.strength_unit then lines.dose / nullif(lines.strength_value, 0)
            when lines.dose_unit = 'mg' and lines.strength_unit = 'g'
                then lines.dose / nullif(lines.strength_value * 1000, 0)
            when lines.dose_unit = 'g' and lines.strength_unit = 'mg'
                then lines.dose * 1000 / nullif(lines.strength_value, 0)
            when lines.dose_unit = lines.min_unit then lines.dose
        end as units_per_dose,
        drugs_by_pack.drug_code is not null
        or on_demand.freq_code is not null
        or coalesce(lines.atc_code, '') like 'A10A%' as is_used_by_pack,
        coalesce(lines.dosage_form like '%缓释%' or lines.dosage_form like '%控释%', false) as is_slow_release
    from lines
    left join drugs_by_pack
        on drugs_by_pack.org_code = lines.org_code and drugs_by_pack.drug_code = lines.drug_code
    left join on_demand on on_demand.freq_code = lines.freq_code
),

described as (
    select
        dosed.org_code,
        dosed.line_id,
        dosed.rx_item_id,
        dosed.fee_id,
        dosed.rx_id,
        dosed.visit_id,
        dosed.patient_id,
        dosed.rx_kind,
        dosed.doctor_code,
        dosed.dept_code,
        dosed.main_icd3,
        dosed.rx_time,
        dosed.rx_month,
        coalesce(dosed.generic_name, dosed.drug_code) as drug_name,
        dosed.special_class,
        dosed.drug_class,
        dosed.atc_code,
        dosed.pharm_class,
        dosed.strength_value,
        dosed.amount,
        dosed.is_used_by_pack,
        dosed.extend_reason,
        dosed.long_term_flag or dosed.rx_kind = 'long_term' as is_long_term,
        coalesce(
            dosed.days_supply, dosed.qty_min_unit / nullif(dosed.units_per_dose * dosed.freq_per_day, 0)
        ) as days,
        dosed.qty_min_unit / nullif(dosed.units_per_dose, 0) as doses,
        cast(dosed.pack_ratio / nullif(dosed.units_per_dose * dosed.freq_per_day, 0) as numeric(18, 4)) as pack_days,
        coalesce(dosed.special_class in ('narcotic', 'psy1'), false) as is_narcotic,
        -- A drug of these classes has no place in the long-term programme.
        dosed.special_class is null and dosed.antibac_class is null as may_be_long_term,
        coalesce(dosed.is_injection, false) as is_injection,
        dosed.is_slow_release,
        coalesce(dosed.generic_name like '%哌甲酯%', false) as is_methylphenidate,
        coalesce(diagnosis_groups.has_pain, 0) as has_pain,
        coalesce(diagnosis_groups.has_adhd, 0) as has_adhd
    from dosed
    left join diagnosis_groups
        on
            diagnosis_groups.org_code = dosed.org_code
            and diagnosis_groups.visit_id = dosed.visit_id
),

kinds as (
    select
        described.*,
        case
            when rx_kind = 'discharge' then 'local_discharge'
            when is_narcotic and has_pain = 1 and is_injection then 'cancer_pain_inj'
            when is_narcotic and has_pain = 1 and is_slow_release then 'cancer_pain_er'
            when is_narcotic and has_pain = 1 then 'cancer_pain_other'
            when is_narcotic and is_methylphenidate and has_adhd = 1 then 'methylphenidate_adhd'
            when is_narcotic and is_injection then 'narcotic_psy1_inj'
            when is_narcotic and is_slow_release then 'narcotic_psy1_er'
            when is_narcotic then 'narcotic_psy1_other'
            when special_class = 'psy2' then 'psy2'
            when is_long_term and may_be_long_term and extend_reason is not null then 'long_term_max'
            when is_long_term and may_be_long_term then 'long_term_usual'
            when rx_kind = 'emergency' then 'emergency'
            else 'outpatient'
        end as limit_kind
    from described
),

months as (
    select distinct
        org_code,
        rx_month,
        limit_kind
    from kinds
),

-- Grouped, so that limits are looked up once a month and kind, not for every line.
limits as (
    select
        months.org_code,
        months.rx_month,
        months.limit_kind,
        cast(max(coalesce(max_days.value, max_doses.value)) as numeric(18, 4)) as supply_limit
    from months
    {{ threshold_join('max_days', 'RX02', 'max_days', 'months.org_code', 'months.rx_month', qualifier_sql='months.limit_kind') }}
    {{ threshold_join('max_doses', 'RX02', 'max_doses', 'months.org_code', 'months.rx_month', qualifier_sql='months.limit_kind') }}
    group by months.org_code, months.rx_month, months.limit_kind
),

judged as (
    select
        kinds.*,
        cast(case when kinds.limit_kind = 'narcotic_psy1_inj' then doses else days end as numeric(18, 4)) as supply,
        limits.supply_limit
    from kinds
    inner join limits
        on
            limits.org_code = kinds.org_code
            and limits.rx_month = kinds.rx_month
            and limits.limit_kind = kinds.limit_kind
    where limits.supply_limit is not null or kinds.limit_kind = 'local_discharge'
)

select * from judged
