{#- Six links join every chain of holdings seen in practice; a test fails on a longer one. -#}
{% set depth = 6 %}

-- Grain: one company and the group of affiliates it belongs to. A company is its unified social credit code,
-- where it has none the supplier_id of dim_supplier.
-- Rule: companies linked by any relation of dim_related_org, or by an owner, legal representative, account or
-- place that the resolution of suppliers found them to share, directly or over up to {{ depth }} links, are
-- one group, named by its smallest code.
with relations as (
    select distinct
        uscc_a,
        uscc_b
    from {{ ref('stg_reference__related_org') }}
    where uscc_a is not null and uscc_b is not null
    union
    select
        supplier_a as uscc_a,
        supplier_b as uscc_b
    from {{ ref('stg_ops__supplier_affiliation') }}
),

links as (
    select
        uscc_a as company,
        uscc_b as neighbour
    from relations
    union
    select
        uscc_b as company,
        uscc_a as neighbour
    from relations
),

companies as (
    select company from links
    union
    select uscc as company
    from {{ ref('stg_procurement__supplier') }}
    where uscc is not null
    union
    select manufacturer_uscc as company
    from {{ ref('stg_his__drug') }}
    where manufacturer_uscc is not null
    union
    select manufacturer_uscc as company
    from {{ ref('stg_his__material') }}
    where manufacturer_uscc is not null
),

{{ company_groups(depth) }}

grouped as (
    select
        company as uscc,
        label as company_group_id
    from label_{{ depth }}
)

select * from grouped
