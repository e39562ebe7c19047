-- Grain: one drug of a hospital's catalogue.
-- Rule: key-monitored by generic name on ref.key_monitored_drug, valid on the day of the run; specialty
-- (own cost group) are negotiated drugs, antineoplastics and immunomodulators (ATC L) and coagulation
-- factors (ATC B02BD), whose price makes any prescription an outlier. Antibacterials are systemic by ATC (J01,
-- P01AB; also without a code); injections count without solvents, skin tests, vaccines (J07), insulin (A10A),
-- local anaesthetics (N01B) and contrast media (V08).
with drugs as (
    select * from {{ ref('stg_his__drug') }}
),

key_monitored as (
    select distinct generic_name
    from {{ ref('key_monitored_drug') }}
    where
        valid_from <= {{ detect_date() }}
        and coalesce(valid_to, {{ detect_date() }}) >= {{ detect_date() }}
),

-- Reagents of skin tests stand in the catalogue beside the drugs that they are for.
skin_tests as (
    select distinct
        drugs.org_code,
        drugs.drug_code
    from drugs
    inner join {{ ref('code_label') }} as labels
        on labels.code_set = 'skin_test_name' and drugs.generic_name like '%' || labels.code || '%'
),

-- DDDs in one smallest unit; null where the two units cannot be compared.
dosed as (
    select
        drugs.*,
        case
            when strength_unit = ddd_unit then strength_value / nullif(ddd_value, 0)
            when strength_unit = 'mg' and ddd_unit = 'g' then strength_value / nullif(ddd_value * 1000, 0)
            when strength_unit = 'g' and ddd_unit = 'mg' then strength_value * 1000 / nullif(ddd_value, 0)
        end as ddds_per_min_unit
    from drugs
),

flagged as (
    select
        dosed.org_code,
        dosed.drug_code,
        dosed.generic_name,
        dosed.trade_name,
        dosed.med_list_codg,
        dosed.drug_class,
        dosed.dosage_form,
        dosed.spec,
        dosed.atc_code,
        dosed.pharm_class,
        dosed.antibac_class,
        dosed.special_class,
        dosed.is_injection,
        dosed.is_solvent,
        skin_tests.drug_code is not null as is_skin_test,
        key_monitored.generic_name is not null as is_key_monitored,
        dosed.is_essential,
        dosed.antibac_class is not null
        and (dosed.atc_code is null or dosed.atc_code like 'J01%' or dosed.atc_code like 'P01AB%')
            as is_systemic_antibacterial,
        coalesce(dosed.is_injection, false)
        and not dosed.is_solvent
        and skin_tests.drug_code is null
        and not coalesce(
            dosed.atc_code like 'J07%' or dosed.atc_code like 'A10A%'
            or dosed.atc_code like 'N01B%' or dosed.atc_code like 'V08%',
            false
        ) as is_counted_injection,
        dosed.is_nego,
        dosed.is_vbp_selected,
        dosed.pack_unit,
        dosed.min_unit,
        dosed.pack_ratio,
        dosed.ddd_value,
        dosed.ddd_unit,
        dosed.strength_value,
        dosed.strength_unit,
        cast(dosed.ddds_per_min_unit as numeric(18, 8)) as ddds_per_min_unit,
        cast(
            case
                when dosed.price_unit = dosed.min_unit then dosed.retail_price
                when coalesce(dosed.price_unit, dosed.pack_unit) = dosed.pack_unit
                    then dosed.retail_price / nullif(dosed.pack_ratio, 0)
            end as numeric(18, 6)
        ) as min_unit_price,
        dosed.manufacturer_name,
        dosed.manufacturer_uscc,
        coalesce(
            dosed.is_nego
            or dosed.atc_code like 'L%'
            or dosed.atc_code like 'B02BD%',
            false
        ) as is_specialty,
        dosed.batch_id
    from dosed
    left join key_monitored on dosed.generic_name = key_monitored.generic_name
    left join skin_tests
        on
            skin_tests.org_code = dosed.org_code
            and skin_tests.drug_code = dosed.drug_code
)

select * from flagged
