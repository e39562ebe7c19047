{{ config(indexes=[{'columns': ['org_code', 'source_table', 'row_key'], 'unique': true}]) }}

-- Grain: one use of a key-monitored drug: a line of a valid prescription, or a net hand-out to an inpatient.
-- Rule: key-monitored on the day of the use, by generic name and so in all brands; what the patient brought along is
-- left out. `is_supported` is what the rules of payment for the drug call indicated: a diagnosis of the visit or stay
-- is among those that they name on that day. Where no such rule or no diagnosis is loaded nothing is supported.
-- Source: core.fct_prescription_line, core.fct_ward_dispense, core.dim_payment_limit, core.fct_outp_diagnosis,
-- core.fct_stay_diagnosis, ref.key_monitored_drug.
with indications as (
    select
        drugs.org_code,
        drugs.drug_code,
        limits.icd_pattern,
        limits.valid_from,
        limits.valid_to
    from {{ ref('dim_drug') }} as drugs
    inner join {{ ref('dim_payment_limit') }} as limits
        on
            limits.med_list_codg = drugs.med_list_codg
            and limits.org_code in ('*', drugs.org_code)
    where limits.limit_kind = 'indication'
),

key_monitored as (
    {{ key_monitored_periods() }}
),

prescribed as (
    select
        lines.org_code,
        'his_rx_item' as source_table,
        lines.rx_item_id as row_key,
        lines.rx_id as course_id,
        lines.rx_kind as setting,
        lines.doctor_code,
        lines.dept_code,
        lines.drug_code,
        lines.generic_name,
        cast(lines.rx_time as date) as used_on,
        lines.rx_month as use_month,
        lines.amount,
        lines.ddds
    from {{ ref('fct_prescription_line') }} as lines
    where lines.is_key_monitored and not lines.is_self_provided
),

handed_out as (
    select
        dispenses.org_code,
        'his_dispense' as source_table,
        dispenses.dispense_id as row_key,
        dispenses.adm_id as course_id,
        'inpatient' as setting,
        {{ as_text('null') }} as doctor_code,
        dispenses.dept_code,
        dispenses.drug_code,
        dispenses.generic_name,
        cast(dispenses.dispense_time as date) as used_on,
        dispenses.dispense_month as use_month,
        dispenses.amount,
        dispenses.ddds
    from {{ ref('fct_ward_dispense') }} as dispenses
    inner join key_monitored
        on
            key_monitored.generic_name = dispenses.generic_name
            and cast(dispenses.dispense_time as date) between key_monitored.valid_from and key_monitored.valid_to
),

uses as (
    select * from prescribed
    union all
    select * from handed_out
),

-- Only drugs with an indication in the rules are held against diagnoses.
indicated as (
    select
        uses.org_code,
        uses.source_table,
        uses.row_key,
        uses.course_id,
        indications.icd_pattern
    from uses
    inner join indications
        on
            indications.org_code = uses.org_code
            and indications.drug_code = uses.drug_code
            and uses.used_on between indications.valid_from and indications.valid_to
),

supported as (
    select
        indicated.org_code,
        indicated.source_table,
        indicated.row_key
    from indicated
    inner join {{ ref('fct_prescription') }} as prescriptions
        on
            prescriptions.org_code = indicated.org_code
            and prescriptions.rx_id = indicated.course_id
    inner join {{ ref('fct_outp_diagnosis') }} as diagnoses
        on
            diagnoses.org_code = prescriptions.org_code
            and diagnoses.visit_id = prescriptions.visit_id
            and {{ matches_pattern('diagnoses.icd10', 'indicated.icd_pattern') }}
    where indicated.source_table = 'his_rx_item'
    union
    select
        indicated.org_code,
        indicated.source_table,
        indicated.row_key
    from indicated
    inner join {{ ref('fct_stay_diagnosis') }} as diagnoses
        on
            diagnoses.org_code = indicated.org_code
            and diagnoses.adm_id = indicated.course_id
            and {{ matches_pattern('diagnoses.icd10', 'indicated.icd_pattern') }}
    where indicated.source_table = 'his_dispense'
),

described as (
    select
        uses.org_code,
        uses.source_table,
        uses.row_key,
        uses.course_id,
        uses.setting,
        uses.doctor_code,
        uses.dept_code,
        uses.generic_name,
        uses.use_month,
        uses.amount,
        uses.ddds,
        supported.row_key is not null as is_supported
    from uses
    left join supported
        on
            supported.org_code = uses.org_code
            and supported.source_table = uses.source_table
            and supported.row_key = uses.row_key
)

select * from described
