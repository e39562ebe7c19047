-- pr_payment: one row a payment to a supplier. Source: t_payment.
-- payee_account_key is the clear account: the extract replaces it.
select
    hospital_code as org_code,
    payment_no as payment_id,
    contract_no as contract_id,
    invoice_key,
    supplier_code,
    paid_on as pay_date,
    amount,
    payee_account as payee_account_key,
    handler_code as payer_handler_code,
    approver_code,
    updt_time as src_updated_at
from t_payment
where updt_time >= :window_start and updt_time < :window_end
