-- Grain: one prescription with a line that the insurance knows.
-- Rule: insured_share is the part of the prescription's amount inside the insurance's scope.
-- Source: core.fct_prescription_line, int_insured_share.
with lines as (
    select * from {{ ref('fct_prescription_line') }}
),

insured_shares as (
    select * from {{ ref('int_insured_share') }}
    where rx_item_id is not null
),

shares as (
    select
        lines.org_code,
        lines.rx_id,
        cast(sum(lines.amount * insured_shares.insured_share) / nullif(sum(lines.amount), 0) as numeric(9, 8))
            as insured_share
    from lines
    inner join insured_shares
        on
            insured_shares.org_code = lines.org_code
            and insured_shares.rx_item_id = lines.rx_item_id
    group by lines.org_code, lines.rx_id
)

select * from shares
