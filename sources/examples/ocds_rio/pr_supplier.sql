-- Bidders of bids_health, one row a buyer and bidder. The data has anonymised tax numbers and no
-- names: the number stands for the name and is no Chinese credit code, so uscc stays empty. A
-- bidder sells to the hospital and is entered as distributor; whether it also makes what it sells
-- is not said.
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

offer as (
    select buyer.id as org_code, unnest(bids.details).tenderers[1].id as supplier_code from release
)

select
    org_code as org_code,
    supplier_code as supplier_code,
    null as uscc,
    supplier_code as supplier_name,
    'distributor' as supplier_kind,
    null as legal_rep_key,
    null as reg_address_norm,
    null as phone_key,
    null as email_domain,
    null as bank_account_key,
    null as established_on,
    null as reg_capital,
    null as license_no,
    null as license_expiry,
    null as blacklisted,
    null as credit_grade,
    null as src_updated_at
from offer
group by org_code, supplier_code
