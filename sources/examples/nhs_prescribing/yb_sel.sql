-- epd_*.csv.gz, one row a practice, month, product and quantity of one item: 20,250. What is dispensed
-- in a month is one row, not one dispensing: ITEMS prescriptions of QUANTITY each, sel_retn_cnt being
-- their sum. Only the month is known: its first day stands for the time. The price is the net
-- ingredient cost (NIC, pounds) over the quantity, without discounts; ACTUAL_COST has no column.
-- One row has a quantity of nothing and waits in quarantine. No patient, prescriber or batch is given.
with dispensed as (
    select
        *,
        cast(replace(YEAR_MONTH, '_', '-') || '-01' as timestamp) as month_start,
        cast(TOTAL_QUANTITY as decimal(16, 4)) as units
    from prescribing
)

select
    PRACTICE_CODE as org_code,
    YEAR_MONTH || '/' || PRACTICE_CODE || '/' || BNF_CODE || '/' || QUANTITY as sel_id,
    null as med_list_codg,
    BNF_CODE as fixmedins_hilist_id,
    null as fixmedins_bchno,
    null as mdtrt_id,
    null as mdtrt_setl_type,
    null as rtal_docno,
    null as stoout_no,
    units as sel_retn_cnt,
    cast(cast(NIC as double) / nullif(cast(units as double), 0) as decimal(16, 6)) as finl_trns_pric,
    month_start as sel_retn_time,
    null as drug_trac_codg,
    null as manu_lotnum,
    null as src_updated_at
from dispensed
where
    month_start >= cast(:window_start as timestamp)
    and month_start < cast(:window_end as timestamp)
