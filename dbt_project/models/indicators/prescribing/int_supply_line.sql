-- Grain: one line of a valid prescription whose days of supply some rule limits.
-- Rule: the days are the recorded ones, else quantity / (units a dose x doses a day); pack_days is what one
-- smallest pack holds. limit_kind names the limit of RX02.max_days that holds: by control class, dosage form,
-- pain or ADHD diagnosis, long-term programme, kind of prescription. Injected narcotics are limited to one dose
-- (RX02.max_doses), so their measure is doses. Discharge drugs have no national limit (local_discharge).
-- Source: core.fct_prescription, core.fct_prescription_line, core.dim_drug, int_limit_diagnosis.
with lines as (
    select * from {{ ref('fct_prescription_line') }}
    where not is_self_provided and not coalesce(is_solvent, false)
),

prescriptions as (
    select * from {{ ref('fct_prescription') }}
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
        dosed.rx_item_id,
        dosed.rx_id,
        prescriptions.visit_id,
        prescriptions.patient_id,
        prescriptions.rx_kind,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        prescriptions.main_icd3,
        prescriptions.rx_time,
        prescriptions.rx_month,
        coalesce(dosed.generic_name, dosed.drug_code) as drug_name,
        dosed.special_class,
        dosed.drug_class,
        dosed.atc_code,
        dosed.pharm_class,
        dosed.strength_value,
        dosed.amount,
        dosed.is_used_by_pack,
        prescriptions.extend_reason,
        prescriptions.long_term_flag or prescriptions.rx_kind = 'long_term' as is_long_term,
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
    inner join prescriptions
        on
            prescriptions.org_code = dosed.org_code
            and prescriptions.rx_id = dosed.rx_id
    left join diagnosis_groups
        on
            diagnosis_groups.org_code = prescriptions.org_code
            and diagnosis_groups.visit_id = prescriptions.visit_id
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
    where limits.supply_limit is not null
)

select * from judged
