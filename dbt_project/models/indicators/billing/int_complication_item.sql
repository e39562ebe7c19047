-- Grain: one item that a hospital orders and kind of evidence that an order for it is.
-- Rule: drugs by generic name or ATC code, services by national code, as the rule library names them. A table of its
-- own, so that the planner knows how few they are when orders are looked up in it.
-- Source: core.dim_complication_support, core.dim_drug, core.dim_item.
with wanted as (
    select distinct
        evidence_kind,
        evidence_code
    from {{ ref('dim_complication_support') }}
),

drug_evidence as (
    select
        drugs.org_code,
        drugs.drug_code as item_code,
        wanted.evidence_kind,
        wanted.evidence_code
    from {{ ref('dim_drug') }} as drugs
    inner join wanted
        on
            wanted.evidence_kind = 'drug'
            and (
                drugs.generic_name like wanted.evidence_code || '%'
                or drugs.atc_code like wanted.evidence_code || '%'
            )
),

item_evidence as (
    select
        items.org_code,
        items.item_code,
        wanted.evidence_kind,
        wanted.evidence_code
    from {{ ref('dim_item') }} as items
    inner join wanted
        on wanted.evidence_kind = 'item' and items.med_list_codg like wanted.evidence_code || '%'
    where items.item_kind = 'service'
),

order_evidence as (
    select * from drug_evidence
    union all
    select * from item_evidence
)

select * from order_evidence
