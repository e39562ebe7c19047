{{
    config(
        indexes=[
            {'columns': ['org_code', 'fee_id'], 'unique': true},
            {'columns': ['org_code', 'rx_item_id']},
        ],
    )
}}

-- Grain: one HIS fee line that the insurance knows by the same serial number.
-- Rule: insured_share is the part of the line inside the insurance's scope (inscp_amt: the amount less
-- self-paid, above-limit and first-paid parts); the fund's part of an excess is the excess times it.
-- Indexed: dozens of indicators look up the few lines behind what fired.
-- Source: core.fct_fee_line, core.fct_insurance_line.
with fee_lines as (
    select * from {{ ref('fct_fee_line') }}
    where feedetl_sn is not null
),

insurance_lines as (
    select * from {{ ref('fct_insurance_line') }}
    where net_amount > 0
),

shares as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.rx_item_id,
        cast(
            least(1, insurance_lines.net_inscp_amount / nullif(insurance_lines.net_amount, 0)) as numeric(9, 8)
        ) as insured_share
    from fee_lines
    inner join insurance_lines
        on
            insurance_lines.org_code = fee_lines.org_code
            and insurance_lines.fee_serial = fee_lines.feedetl_sn
)

select * from shares
