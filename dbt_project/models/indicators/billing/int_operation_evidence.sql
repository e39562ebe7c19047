-- Grain: one operation of a settlement list that is done in a theatre.
-- Rule: has_record: the hospital recorded an operation of the same subcategory (the first four characters of
-- ICD-9-CM-3: finer ones differ between editions) in the stay; has_charge: the bill has a surgery charge. has_records:
-- the hospital sends records of operations at all. Operations that ref.coding_guard knows to be no surgery are left out.
-- Source: core.fct_listed_operation, core.fct_surgery, core.fct_ward_stay, core.fct_encounter_cost.
with operations as (
    select * from {{ ref('fct_listed_operation') }}
    where coalesce(guard_code, '') <> 'not_theatre'
),

stays as (
    select
        org_code,
        hi_mdtrt_id as mdtrt_id,
        min(adm_id) as adm_id
    from {{ ref('fct_ward_stay') }}
    where hi_mdtrt_id is not null
    group by org_code, hi_mdtrt_id
),

surgeries as (
    select * from {{ ref('fct_surgery') }}
),

senders as (
    select distinct org_code from surgeries
),

recorded as (
    select distinct
        org_code,
        adm_id,
        left(icd9cm3, 4) as subcategory
    from surgeries
    where icd9cm3 is not null
),

charged as (
    select
        org_code,
        encounter_id as adm_id
    from {{ ref('fct_encounter_cost') }}
    where encounter_type = 'I' and surgery_amount > 0
),

judged as (
    select
        operations.org_code,
        operations.setl_list_oprn_id,
        operations.mdtrt_id,
        operations.icd9cm3,
        operations.guard_code,
        operations.setl_month,
        stays.adm_id,
        senders.org_code is not null as has_records,
        recorded.adm_id is not null as has_record,
        charged.adm_id is not null as has_charge
    from operations
    left join stays
        on
            stays.org_code = operations.org_code
            and stays.mdtrt_id = operations.mdtrt_id
    left join senders on senders.org_code = operations.org_code
    left join recorded
        on
            recorded.org_code = stays.org_code
            and recorded.adm_id = stays.adm_id
            and recorded.subcategory = left(operations.icd9cm3, 4)
    left join charged
        on
            charged.org_code = stays.org_code
            and charged.adm_id = stays.adm_id
)

select * from judged
