-- Tenders of bids_health, one row a tender. The data has no categories: six wide ones are read
-- from the tender's title (medicines, equipment, laboratory, dental, surgical, other hospital
-- supplies), the same in pr_project and pr_order. No budget and no times but the releases' date.
-- All are reverse auctions open to everybody.
with release as (
    select *
    from read_json(
        '{path}/bids_health.jsonl.gz', format = 'newline_delimited',
        columns = {
            'ocid': 'varchar', 'date': 'timestamp', 'buyer': 'struct(id varchar)',
            'tender': 'struct(id varchar, title varchar, "procurementMethodDetails" varchar)',
            'bids': 'struct(details struct(
                id varchar, status varchar, tenderers struct(id varchar)[],
                value struct(amount varchar))[])',
            'awards': 'struct(
                id varchar, status varchar, suppliers struct(id varchar)[],
                value struct(amount varchar))[]'
        }
    )
)

select
    buyer.id as org_code,
    tender.id as project_id,
    tender.id as project_no,
    min(tender.title) as project_name,
    case
        when min(tender.title) like '%MEDICAMENT%' then 'medicines'
        when regexp_matches(min(tender.title), 'EQUIP|EQ\. |PERMANENTES|FOCO |BRONCOFIB') then 'equipment'
        when min(tender.title) like '%LABORAT%' then 'laboratory'
        when min(tender.title) like '%ODONTO%' then 'dental'
        when min(tender.title) like '%CIRURG%' then 'surgical'
        else 'hospital_supplies'
    end as category_code,
    'goods' as category_kind,
    case
        when min(tender.title) like '%MEDICAMENT%' then 'drug'
        when regexp_matches(min(tender.title), 'EQUIP|EQ\. |PERMANENTES|FOCO |BRONCOFIB') then 'equipment'
        else 'consumable'
    end as domain,
    case min(tender."procurementMethodDetails")
        when 'PREGAO ELETRONICO' then 'open'
        else min(tender."procurementMethodDetails")
    end as method,
    null as budget_project_code,
    year(min(date)) as fiscal_year,
    null as budget_amount,
    null as funds_kind,
    null as requester_dept_code,
    null as approver_code,
    null as decision_record_no,
    null as agency_code,
    null as single_source_reason,
    null as notice_time,
    null as doc_sale_start,
    null as doc_sale_end,
    null as bid_deadline,
    null as open_time,
    null as eval_end_time,
    max(date) as result_notice_time,
    null as publicity_start,
    null as publicity_end,
    'complete' as status,
    null as src_updated_at
from release
group by buyer.id, tender.id
