-- Grain: one diagnosis of a settlement list, other than the main one, that counts as a complication (CC or MCC).
-- Rule: it is supported where the stay has an order or a report that the rule library names for it: a drug by
-- generic name or ATC code, an item by its national code, a report by its name. `supported_others` counts the other
-- complications of the list that are supported: with one of them the group stands without this one. A stay that the
-- hospital's system does not know has no adm_id.
-- Source: core.fct_listed_diagnosis, core.dim_complication_support, core.fct_ward_stay, core.fct_ward_order,
-- core.fct_report, int_complication_item.
with diagnoses as (
    select * from {{ ref('fct_listed_diagnosis') }}
    where not is_main
),

supports as (
    select * from {{ ref('dim_complication_support') }}
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

-- Few codes, drugs, items and reports stand for many rows: texts are compared once for each.
listed_codes as (
    select distinct
        org_code,
        setl_month,
        icd10
    from diagnoses
),

codes as (
    select distinct
        listed_codes.org_code,
        listed_codes.setl_month,
        listed_codes.icd10,
        supports.evidence_kind,
        supports.evidence_code
    from listed_codes
    inner join supports
        on
            supports.org_code in ('*', listed_codes.org_code)
            and listed_codes.setl_month between supports.valid_from and supports.valid_to
            and listed_codes.icd10 like supports.icd_prefix || '%'
),

counted_codes as (
    select distinct
        org_code,
        setl_month,
        icd10
    from codes
),

complications as (
    select
        diagnoses.org_code,
        diagnoses.setl_list_diag_id,
        diagnoses.mdtrt_id,
        diagnoses.icd10,
        diagnoses.setl_month,
        stays.adm_id
    from diagnoses
    inner join counted_codes
        on
            counted_codes.org_code = diagnoses.org_code
            and counted_codes.setl_month = diagnoses.setl_month
            and counted_codes.icd10 = diagnoses.icd10
    left join stays
        on
            stays.org_code = diagnoses.org_code
            and stays.mdtrt_id = diagnoses.mdtrt_id
),

stays_in_question as (
    select distinct
        org_code,
        adm_id
    from complications
    where adm_id is not null
),

wanted as (
    select distinct
        evidence_kind,
        evidence_code
    from codes
),

report_names as (
    select distinct item_name
    from {{ ref('fct_report') }}
    where encounter_type = 'I' and item_name is not null
),

report_evidence as (
    select
        report_names.item_name,
        wanted.evidence_kind,
        wanted.evidence_code
    from report_names
    inner join wanted
        on wanted.evidence_kind = 'report' and report_names.item_name like '%' || wanted.evidence_code || '%'
),

order_evidence as (
    select * from {{ ref('int_complication_item') }}
),

records as (
    select
        stays_in_question.org_code,
        stays_in_question.adm_id,
        evidence.evidence_kind,
        evidence.evidence_code
    from stays_in_question
    inner join {{ ref('fct_ward_order') }} as orders
        on
            orders.org_code = stays_in_question.org_code
            and orders.adm_id = stays_in_question.adm_id
    inner join order_evidence as evidence
        on
            evidence.org_code = orders.org_code
            and evidence.item_code = orders.item_code
            and (evidence.evidence_kind = 'drug') = (orders.order_kind = 'drug')
    union
    select
        stays_in_question.org_code,
        stays_in_question.adm_id,
        report_evidence.evidence_kind,
        report_evidence.evidence_code
    from stays_in_question
    inner join {{ ref('fct_report') }} as reports
        on
            reports.org_code = stays_in_question.org_code
            and reports.encounter_type = 'I'
            and reports.encounter_id = stays_in_question.adm_id
    inner join report_evidence on report_evidence.item_name = reports.item_name
),

supported as (
    select distinct
        complications.org_code,
        complications.setl_list_diag_id
    from complications
    inner join codes
        on
            codes.org_code = complications.org_code
            and codes.setl_month = complications.setl_month
            and codes.icd10 = complications.icd10
    inner join records
        on
            records.org_code = complications.org_code
            and records.adm_id = complications.adm_id
            and records.evidence_kind = codes.evidence_kind
            and records.evidence_code = codes.evidence_code
),

judged as (
    select
        complications.org_code,
        complications.setl_list_diag_id,
        complications.mdtrt_id,
        complications.icd10,
        complications.setl_month,
        complications.adm_id,
        supported.setl_list_diag_id is not null as is_supported,
        cast(
            count(supported.setl_list_diag_id) over stay
            - case when supported.setl_list_diag_id is null then 0 else 1 end as integer
        ) as supported_others
    from complications
    left join supported
        on
            supported.org_code = complications.org_code
            and supported.setl_list_diag_id = complications.setl_list_diag_id
    window stay as (partition by complications.org_code, complications.mdtrt_id)
)

select * from judged
