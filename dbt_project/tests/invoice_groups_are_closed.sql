-- A delivery whose invoices are in different groups: the chain of deliveries and invoices is longer than the rounds of
-- fct_invoice_delivery, and the sums that PR13 compares would lack a part. Of an invoice one round ends in one group.
select
    org_code,
    receipt_id
from {{ ref('fct_invoice_delivery') }}
group by org_code, receipt_id
having count(distinct delivery_group_id) > 1
