-- Awards of bids_health, one row an award: 1,199. An award names supplier, item, day and value,
-- which is what concentration needs, and is no proof of delivery; status says 'awarded'. What one
-- company was awarded in one tender is one order, whose lines are the items. The value is that of
-- the whole item: quantity and unit are not given, so qty is 1 award and unit_price the value. No
-- price can be compared with it, and med_list_codg stays empty. The data has no categories: six
-- wide ones are read from the tender's title (medicines, equipment, laboratory, dental, surgical,
-- other hospital supplies), the same in pr_project and pr_order. Amounts are Brazilian reais.
-- Amounts are read as text and cast to decimals, so that no cent passes through a float.
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
),

award as (
    select
        buyer.id as org_code,
        ocid,
        tender.id as project_id,
        date as order_time,
        case
            when tender.title like '%MEDICAMENT%' then 'medicines'
            when regexp_matches(tender.title, 'EQUIP|EQ\. |PERMANENTES|FOCO |BRONCOFIB') then 'equipment'
            when tender.title like '%LABORAT%' then 'laboratory'
            when tender.title like '%ODONTO%' then 'dental'
            when tender.title like '%CIRURG%' then 'surgical'
            else 'hospital_supplies'
        end as category_code,
        unnest(awards) as award
    from release
    where
        date >= cast(:window_start as timestamp)
        and date < cast(:window_end as timestamp)
)

select
    org_code as org_code,
    project_id || '-' || award.suppliers[1].id as order_id,
    cast(split_part(ocid, '-', 4) as integer) * 10 + cast(award.id as integer) + 1 as line_no,
    order_time as order_time,
    award.suppliers[1].id as supplier_code,
    null as contract_id,
    project_id as project_id,
    case category_code
        when 'medicines' then 'drug'
        when 'equipment' then 'equipment'
        else 'material'
    end as item_kind,
    split_part(ocid, '-', 4) as item_code,
    null as med_list_codg,
    category_code as category_code,
    1 as qty,
    'award' as unit,
    cast(award.value.amount as decimal(18, 2)) as unit_price,
    cast(award.value.amount as decimal(18, 2)) as amount,
    true as is_platform,
    null as is_emergency,
    null as requester_dept_code,
    null as handler_code,
    null as approver_code,
    'awarded' as status,
    null as src_updated_at
from award
