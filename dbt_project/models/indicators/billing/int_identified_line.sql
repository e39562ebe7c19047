-- Grain: one fee line with a unique device identification, of an item that others are billed for.
-- Source: core.fct_fee_line, core.dim_swap_pair.
with true_codes as (
    select distinct true_code from {{ ref('dim_swap_pair') }}
),

identified_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.med_list_codg,
        fee_lines.udi
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join true_codes on fee_lines.med_list_codg = true_codes.true_code
    where fee_lines.udi is not null
)

select * from identified_lines
