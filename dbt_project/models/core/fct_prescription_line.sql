{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['org_code', 'rx_month'],
        on_schema_change='fail',
        pre_hook="{{ clear_changed_months(this, 'rx_month') }}",
        indexes=[
            {'columns': ['org_code', 'rx_item_id'], 'unique': true},
            {'columns': ['org_code', 'rx_month']},
        ],
    )
}}

-- Grain: one line of a valid prescription. Cancelled and returned prescriptions are gone.
-- Rule: quantities in the smallest unit and DDDs are null where the unit or strength is not comparable;
-- key-monitored on the day of the prescription.
with lines as (
    select * from {{ ref('stg_his__rx_item') }}
),

prescriptions as (
    select * from {{ ref('stg_his__rx') }}
    where
        status = 'valid'
        and {{ in_changed_months(this, 'stg_his__rx', 'rx_month') }}
),

drugs as (
    select * from {{ ref('dim_drug') }}
),

key_monitored as (
    {{ key_monitored_periods() }}
),

described as (
    select
        lines.org_code,
        lines.rx_item_id,
        lines.rx_id,
        prescriptions.rx_month,
        prescriptions.rx_time,
        prescriptions.rx_kind,
        prescriptions.patient_id,
        prescriptions.doctor_code,
        prescriptions.dept_code,
        lines.drug_code,
        drugs.generic_name,
        drugs.med_list_codg,
        drugs.drug_class,
        drugs.pharm_class,
        drugs.atc_code,
        drugs.dosage_form,
        drugs.antibac_class,
        drugs.special_class,
        drugs.is_injection,
        drugs.strength_value,
        drugs.strength_unit,
        drugs.min_unit,
        drugs.pack_ratio,
        drugs.is_solvent,
        drugs.is_skin_test,
        drugs.is_nego,
        drugs.is_specialty,
        drugs.is_vbp_selected,
        drugs.manufacturer_uscc,
        key_monitored.generic_name is not null as is_key_monitored,
        lines.dose,
        lines.dose_unit,
        lines.freq_code,
        lines.freq_per_day,
        lines.route_code,
        lines.days_supply,
        lines.qty,
        lines.qty_unit,
        lines.qty_min_unit,
        lines.unit_is_known,
        cast(lines.qty_min_unit * drugs.ddds_per_min_unit as numeric(18, 4)) as ddds,
        lines.unit_price,
        lines.amount,
        lines.is_self_provided,
        lines.batch_id
    from lines
    inner join prescriptions
        on
            lines.org_code = prescriptions.org_code
            and lines.rx_id = prescriptions.rx_id
    left join drugs
        on
            lines.org_code = drugs.org_code
            and lines.drug_code = drugs.drug_code
    left join key_monitored
        on
            drugs.generic_name = key_monitored.generic_name
            and cast(prescriptions.rx_time as date) between key_monitored.valid_from and key_monitored.valid_to
)

select * from described
