-- Grain: one organisation, package and month in which it or components of it were billed; without rules, one
-- organisation and month.
-- Rule: BL04, a package billed in parts (分解收费, 条例 §38; GZ10000102013): in one encounter and day, or one operation,
-- at least so many components, or smaller units of the service, were billed as the rule says, the package was not,
-- and together they cost more than the hospital's price of the package. The finding is what goes beyond that price.
-- Source: int_bundle_window, int_split_package_line, core.fct_fee_line, core.dim_charge_bundle,
-- core.dim_charge_package, core.org_month.
with windows as (
    select * from {{ ref('int_bundle_window') }}
),

split_lines as (
    select * from {{ ref('int_split_package_line') }}
),

split_windows as (
    select
        org_code,
        parent_code,
        bundle_kind,
        window_kind,
        encounter_type,
        encounter_id,
        window_key,
        min(verdict) as verdict,
        sum(excess) as excess
    from split_lines
    group by org_code, parent_code, bundle_kind, window_kind, encounter_type, encounter_id, window_key
),

judged_windows as (
    select
        windows.org_code,
        'charge_item' as subject_type,
        windows.item_code as subject_id,
        windows.service_month as period_start,
        1 as window_count,
        windows.package_price,
        case when split_windows.verdict = 'fired' then split_windows.excess / nullif(windows.package_amount, 0) end
            as excess_share,
        coalesce(split_windows.verdict, windows.verdict) as verdict
    from windows
    left join split_windows
        on
            windows.org_code = split_windows.org_code
            and windows.parent_code = split_windows.parent_code
            and windows.bundle_kind = split_windows.bundle_kind
            and windows.window_kind = split_windows.window_kind
            and windows.encounter_type = split_windows.encounter_type
            and windows.encounter_id = split_windows.encounter_id
            and windows.window_key = split_windows.window_key
),

packages as (
    select distinct parent_code from {{ ref('dim_charge_bundle') }}
),

-- Packages billed as such are counted before anything is asked of them.
billed_packages as (
    select
        fee_lines.org_code,
        packages.parent_code,
        fee_lines.service_month,
        min(fee_lines.item_code) as billed_item_code,
        count(*) as line_count
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join packages on fee_lines.med_list_codg = packages.parent_code
    group by fee_lines.org_code, packages.parent_code, fee_lines.service_month
),

package_items as (
    select * from {{ ref('dim_charge_package') }}
),

months_without_rules as (
    {{ months_without_rules('dim_charge_bundle', 'parent_code') }}
),

judged as (
    select
        org_code,
        subject_type,
        subject_id,
        period_start,
        window_count,
        package_price,
        excess_share,
        verdict
    from judged_windows
    union all
    select
        billed_packages.org_code,
        'charge_item' as subject_type,
        coalesce(package_items.item_code, billed_packages.billed_item_code) as subject_id,
        billed_packages.service_month as period_start,
        billed_packages.line_count as window_count,
        null as package_price,
        null as excess_share,
        'clear' as verdict
    from billed_packages
    left join package_items
        on
            billed_packages.org_code = package_items.org_code
            and billed_packages.parent_code = package_items.parent_code
    union all
    select
        org_code,
        'hospital' as subject_type,
        org_code as subject_id,
        month_start as period_start,
        0 as window_count,
        null as package_price,
        null as excess_share,
        'missing_charge_bundle' as verdict
    from months_without_rules
),

outcomes as (
    select
        judged.*,
        {{ outcome_of('verdict', ['missing_charge_bundle', 'missing_package_price', 'missing_operation']) }} as outcome
    from judged
),

judged_lines as (
    select
        org_code,
        item_code as subject_id,
        window_month as period_start,
        fee_id,
        excess,
        {{ outcome_of('verdict', []) }} as outcome
    from split_lines
),

evidence as (
    {{ line_evidence('judged_lines', 'fee_id', 'line.excess') }}
),

item_months as (
    {{
        subject_months('outcomes', {
            'subject_type': 'max(subject_type)',
            'threshold': 'max(package_price)',
            'deviation': 'max(excess_share)',
        }, n='sum(window_count)')
    }}
),

with_evidence as (
    {{ with_evidence('item_months', 'evidence') }}
),

indicator as (
    {{
        indicator_rows(
            'BL04', '1.0.0', 'subject_type', 'with_evidence', value='coalesce(evidence_value, 0)',
            absent=['dept_code', 'doctor_code', 'expected', 'peer_group', 'peer_n', 'p_value', 'q_value'],
        )
    }}
)

select * from indicator
