-- pr_invoice: one row an invoice of the two levels of the supply chain. Source: t_invoice.
-- Normalised: state of the check.
select
    hospital_code as org_code,
    invoice_key,
    invoice_code,
    invoice_no,
    chain_level,
    seller_uscc,
    buyer_uscc,
    invoiced_on as invoice_date,
    amount,
    tax as tax_amount,
    case check_state when '1' then 'verified' when '0' then 'pending' when '2' then 'failed' end as verified_status,
    delivery_no as receipt_id,
    covers_invoice as parent_invoice_key,
    updt_time as src_updated_at
from t_invoice
where updt_time >= :window_start and updt_time < :window_end
