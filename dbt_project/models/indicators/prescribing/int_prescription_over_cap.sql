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

grouped as (
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

medians as (
    select
        rx_month,
        peer_group,
        count(distinct org_code || '|' || doctor_code) as peer_n,
        percentile_cont(0.5) within group (order by x) as median,
        percentile_cont(0.75) within group (order by x) - percentile_cont(0.25) within group (order by x) as iqr
    from grouped
    where peer_group is not null
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
        grouped.org_code,
        grouped.rx_id,
        grouped.doctor_code,
        grouped.rx_month,
        grouped.amount,
        local_cap.value as local_cap
    from grouped
    inner join medians on medians.rx_month = grouped.rx_month and medians.peer_group = grouped.peer_group
    inner join deviations on deviations.rx_month = grouped.rx_month and deviations.peer_group = grouped.peer_group
    {{ threshold_join('local_cap', 'RX03', 'local_cap', 'grouped.org_code', 'grouped.rx_month') }}
    {{ threshold_join('mod_z', 'RX03', 'mod_z', 'grouped.org_code', 'grouped.rx_month') }}
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'grouped.org_code', 'grouped.rx_month') }}
    where
        grouped.amount >= local_cap.value
        and medians.peer_n >= min_peers.value
        and {{ robust_z('grouped.x', 'medians.median', 'deviations.mad', 'medians.iqr') }} > mod_z.value
)

select * from outliers
