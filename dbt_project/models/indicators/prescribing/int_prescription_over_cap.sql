-- Grain: one prescription above the hospital's own cap that is also an outlier among its peers.
-- Rule: RX03 formula A, logarithm of the amount with a modified z above the limit among prescriptions of
-- the same level, type, department, main diagnosis (three characters) and month. No national amount
-- defines a large prescription: without a local cap (RX03.local_cap) there is no row here.
-- Source: core.fct_prescription, core.dim_organisation.
with prescriptions as (
    select * from {{ ref('fct_prescription') }}
    where rx_kind = 'outpatient' and cost_group = 'general' and not long_term_flag and amount > 0
),

organisations as (
    select * from {{ ref('dim_organisation') }}
),

described as (
    select
        prescriptions.org_code,
        prescriptions.rx_id,
        prescriptions.doctor_code,
        prescriptions.rx_month,
        prescriptions.amount,
        ln(prescriptions.amount) as x,
        organisations.level_group || '|' || organisations.org_type || '|' || prescriptions.std_dept_code
        || '|' || prescriptions.main_icd3 as peer_group
    from prescriptions
    inner join organisations on organisations.org_code = prescriptions.org_code
),

candidates as (
    select
        described.*,
        local_cap.value as local_cap
    from described
    {{ threshold_join('local_cap', 'RX03', 'local_cap', 'described.org_code', 'described.rx_month') }}
    where described.amount >= local_cap.value and described.peer_group is not null
),

-- Only groups with a candidate are worth a median.
candidate_groups as (
    select distinct
        rx_month,
        peer_group
    from candidates
),

grouped as (
    select described.*
    from described
    inner join candidate_groups
        on candidate_groups.rx_month = described.rx_month and candidate_groups.peer_group = described.peer_group
),

medians as (
    select
        rx_month,
        peer_group,
        count(distinct org_code || '|' || doctor_code) as peer_n,
        percentile_cont(0.5) within group (order by x) as median,
        percentile_cont(0.75) within group (order by x) - percentile_cont(0.25) within group (order by x) as iqr
    from grouped
    group by rx_month, peer_group
),

deviations as (
    select
        grouped.rx_month,
        grouped.peer_group,
        percentile_cont(0.5) within group (order by abs(grouped.x - medians.median)) as mad
    from grouped
    inner join medians on medians.rx_month = grouped.rx_month and medians.peer_group = grouped.peer_group
    group by grouped.rx_month, grouped.peer_group
),

outliers as (
    select
        candidates.org_code,
        candidates.rx_id,
        candidates.doctor_code,
        candidates.rx_month,
        candidates.amount,
        candidates.local_cap
    from candidates
    inner join medians
        on medians.rx_month = candidates.rx_month and medians.peer_group = candidates.peer_group
    inner join deviations
        on deviations.rx_month = candidates.rx_month and deviations.peer_group = candidates.peer_group
    {{ threshold_join('mod_z', 'RX03', 'mod_z', 'candidates.org_code', 'candidates.rx_month') }}
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'candidates.org_code', 'candidates.rx_month') }}
    where
        medians.peer_n >= min_peers.value
        and {{ robust_z('candidates.x', 'medians.median', 'deviations.mad', 'medians.iqr') }} > mod_z.value
)

select * from outliers
