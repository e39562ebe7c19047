-- Grain: identity DQ15 by organisation and month in which a drug was charged.
-- Rule: a systemic antibacterial (ATC J01) has a DDD in a unit comparable with its strength, and a drug that
-- the hospital itself flags as key-monitored is on the list. Source: item_month, core.dim_drug, staging.
with charged as (
    select distinct
        org_code,
        service_month,
        item_code
    from {{ ref('item_month') }}
    where item_kind = 'drug'
),

flags as (
    select
        org_code,
        drug_code,
        is_flagged_key_monitored
    from {{ ref('stg_his__drug') }}
),

drugs as (
    select
        charged.org_code,
        charged.service_month as period_month,
        charged.item_code as row_key,
        drugs.atc_code,
        drugs.ddds_per_min_unit,
        drugs.is_key_monitored,
        flags.is_flagged_key_monitored
    from charged
    inner join {{ ref('dim_drug') }} as drugs
        on
            charged.org_code = drugs.org_code
            and charged.item_code = drugs.drug_code
    inner join flags
        on
            charged.org_code = flags.org_code
            and charged.item_code = flags.drug_code
),

checked as (
    select
        org_code,
        period_month,
        row_key,
        ddds_per_min_unit is not null as holds
    from drugs
    where atc_code like 'J01%'
    union all
    select
        org_code,
        period_month,
        row_key,
        is_key_monitored as holds
    from drugs
    where is_flagged_key_monitored
),

identity as (
    {{ identity_month('DQ15', 'his_drug', 'checked') }}
)

select * from identity
