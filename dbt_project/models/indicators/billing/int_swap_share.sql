-- Grain: one department, pair of items and quarter in which one of them was billed.
-- Rule: the dear item's share of the lines of both, beside the quarter before. Where it rose by BL09.share_rise or
-- more, beyond chance (ALL.funnel_z, pooled proportion) and on BL09.min_lines lines in both quarters, the share is
-- compared with the one that the quarter's own diagnoses (first three characters of the main ICD-10) would have had
-- at the rates of the quarter before.
-- Source: core.fct_fee_line, core.dim_swap_pair, core.fct_encounter_cost.
with pairs as (
    select distinct
        org_code as rule_org_code,
        billed_code,
        true_code,
        valid_from,
        valid_to
    from {{ ref('dim_swap_pair') }}
),

codes as (
    select billed_code as code from pairs
    union
    select true_code as code from pairs
),

lines as (
    select
        fee_lines.org_code,
        fee_lines.dept_code,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        codes.code,
        fee_lines.item_code,
        cast(date_trunc('quarter', fee_lines.service_month) as date) as quarter_start
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join codes on fee_lines.med_list_codg = codes.code
    where fee_lines.dept_code is not null
),

counts as (
    select
        org_code,
        dept_code,
        code,
        quarter_start,
        min(item_code) as item_code,
        count(*) as line_count
    from lines
    group by org_code, dept_code, code, quarter_start
),

sides as (
    select
        counts.org_code,
        counts.dept_code,
        pairs.billed_code,
        pairs.true_code,
        counts.quarter_start,
        case when counts.code = pairs.billed_code then counts.item_code end as item_code,
        counts.line_count,
        case when counts.code = pairs.billed_code then counts.line_count else 0 end as dear_count
    from counts
    inner join pairs
        on
            (counts.code = pairs.billed_code or counts.code = pairs.true_code)
            and (pairs.rule_org_code = '*' or counts.org_code = pairs.rule_org_code)
            and counts.quarter_start >= cast(date_trunc('quarter', pairs.valid_from) as date)
            and counts.quarter_start <= pairs.valid_to
),

-- Two rule sets may hold the same pair.
shares as (
    select
        org_code,
        dept_code,
        billed_code,
        true_code,
        quarter_start,
        max(item_code) as item_code,
        sum(line_count) as n,
        sum(dear_count) as dear_count
    from (select distinct * from sides) as distinct_sides
    group by org_code, dept_code, billed_code, true_code, quarter_start
),

compared as (
    select
        shares.*,
        previous.n as previous_n,
        previous.dear_count as previous_dear_count,
        cast(shares.dear_count as numeric(18, 8)) / shares.n as dear_share,
        cast(previous.dear_count as numeric(18, 8)) / previous.n as previous_share,
        cast(shares.dear_count + previous.dear_count as numeric(18, 8)) / (shares.n + previous.n) as pooled_share
    from shares
    left join shares as previous
        on
            shares.org_code = previous.org_code
            and shares.dept_code = previous.dept_code
            and shares.billed_code = previous.billed_code
            and shares.true_code = previous.true_code
            and previous.quarter_start = {{ add_months('shares.quarter_start', -3) }}
),

judged as (
    select
        compared.*,
        share_rise.value as share_rise,
        case
            when compared.n < min_lines.value or coalesce(compared.previous_n, 0) < min_lines.value then 'below_volume'
            when compared.dear_share - compared.previous_share < share_rise.value then 'clear'
            when
                (compared.dear_share - compared.previous_share) * (compared.dear_share - compared.previous_share)
                <= funnel.value * funnel.value * compared.pooled_share * (1 - compared.pooled_share)
                * (1.0 / compared.n + 1.0 / compared.previous_n)
                then 'clear'
            else 'risen'
        end as raw_verdict
    from compared
    {{ threshold_join('min_lines', 'BL09', 'min_lines', 'compared.org_code', 'compared.quarter_start') }}
    {{ threshold_join('share_rise', 'BL09', 'share_rise', 'compared.org_code', 'compared.quarter_start') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'compared.org_code', 'compared.quarter_start') }}
),

risen as (
    select * from judged
    where raw_verdict = 'risen'
),

-- Only what rose is asked for its diagnoses.
diagnosed as (
    select
        risen.org_code,
        risen.dept_code,
        risen.billed_code,
        risen.true_code,
        risen.quarter_start,
        encounters.main_icd3,
        sum(case when lines.quarter_start = risen.quarter_start then 1 else 0 end) as n,
        sum(case when lines.quarter_start = risen.quarter_start and lines.code = risen.billed_code then 1 else 0 end)
            as dear_count,
        sum(case when lines.quarter_start < risen.quarter_start then 1 else 0 end) as previous_n,
        sum(case when lines.quarter_start < risen.quarter_start and lines.code = risen.billed_code then 1 else 0 end)
            as previous_dear_count
    from risen
    inner join lines
        on
            risen.org_code = lines.org_code
            and risen.dept_code = lines.dept_code
            and (lines.code = risen.billed_code or lines.code = risen.true_code)
            and lines.quarter_start between {{ add_months('risen.quarter_start', -3) }} and risen.quarter_start
    inner join {{ ref('fct_encounter_cost') }} as encounters
        on
            lines.org_code = encounters.org_code
            and lines.encounter_type = encounters.encounter_type
            and lines.encounter_id = encounters.encounter_id
    where encounters.main_icd3 is not null
    group by
        risen.org_code, risen.dept_code, risen.billed_code, risen.true_code, risen.quarter_start, encounters.main_icd3
),

case_mix as (
    select
        org_code,
        dept_code,
        billed_code,
        true_code,
        quarter_start,
        sum(n) as known_n,
        cast(sum(dear_count) as numeric(18, 8)) / sum(n) as known_share,
        sum(cast(n as numeric(18, 8)) * previous_dear_count / previous_n) / sum(n) as expected_share
    from diagnosed
    where n > 0 and previous_n > 0
    group by org_code, dept_code, billed_code, true_code, quarter_start
),

adjusted as (
    select
        judged.org_code,
        judged.dept_code,
        judged.billed_code,
        judged.true_code,
        judged.item_code,
        judged.quarter_start,
        judged.n,
        judged.dear_count,
        judged.share_rise,
        cast(judged.dear_share as numeric(18, 8)) as dear_share,
        cast(coalesce(case_mix.expected_share, judged.previous_share) as numeric(18, 8)) as expected_share,
        case
            when judged.raw_verdict <> 'risen' then judged.raw_verdict
            when case_mix.known_n is null or case_mix.known_n * 2 < judged.n then 'case_mix_changed'
            when case_mix.known_share - case_mix.expected_share < judged.share_rise then 'case_mix_changed'
            else 'risen'
        end as verdict
    from judged
    left join case_mix
        on
            judged.org_code = case_mix.org_code
            and judged.dept_code = case_mix.dept_code
            and judged.billed_code = case_mix.billed_code
            and judged.true_code = case_mix.true_code
            and judged.quarter_start = case_mix.quarter_start
)

select * from adjusted
