-- Grain: one prescription above the hospital's own cap that is also an outlier among its peers.
-- Rule: RX03 formula A, logarithm of the amount with a modified z above the limit among prescriptions of the same
-- measure (macro amount_metric: long-term ones by the amount a day, herbs and each group of specialty drugs among
-- themselves) and main diagnosis (three characters; long-term ones by that flag instead). The group is the narrowest
-- with ALL.min_peers doctors: 1 same level, type, department and month; 2 three months; 3 all levels. Departments are
-- never mixed: a specialist clinic is no general one. No national amount defines a large prescription: without a local
-- cap (RX03.local_cap, qualified by the measure for all but ordinary prescriptions) there is no row here. `excess` is
-- what lies above the group's median.
-- Source: core.fct_prescription, core.dim_organisation.
with prescriptions as (
    select
        fct_prescription.*,
        {{ amount_metric('fct_prescription') }} as metric,
        {{ compared_amount('fct_prescription') }} as compared_amount,
        case when {{ is_long_term('fct_prescription') }} then 'long_term' else main_icd3 end as illness
    from {{ ref('fct_prescription') }} as fct_prescription
    where {{ amount_metric('fct_prescription') }} is not null and amount > 0
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
        prescriptions.metric,
        prescriptions.amount,
        prescriptions.compared_amount,
        ln(prescriptions.compared_amount) as x,
        organisations.level_group,
        prescriptions.metric || '|' || organisations.org_type || '|' || prescriptions.std_dept_code
        || '|' || prescriptions.illness as wide_group
    from prescriptions
    inner join organisations on organisations.org_code = prescriptions.org_code
    where prescriptions.compared_amount > 0
),

rungs as (
    select
        rung,
        months
    from (values (1, 1), (2, 3), (3, 3)) as rungs (rung, months)
),

candidates as (
    select
        described.*,
        local_cap.value as local_cap
    from described
    {{
        threshold_join(
            'local_cap', 'RX03', 'local_cap', 'described.org_code', 'described.rx_month',
            qualifier_sql="case when described.metric = 'log_avg_amount' then '' else described.metric end",
        )
    }}
    where described.compared_amount >= local_cap.value and described.wide_group is not null
),

candidate_rungs as (
    select
        candidates.*,
        rungs.rung,
        rungs.months,
        case when rungs.rung = 3 then wide_group else wide_group || '|' || level_group end as peer_group
    from candidates
    cross join rungs
),

-- Only groups with a candidate are worth a median.
candidate_groups as (
    select distinct
        rung,
        months,
        rx_month as compared_month,
        peer_group
    from candidate_rungs
),

grouped as (
    select
        candidate_groups.rung,
        candidate_groups.compared_month,
        candidate_groups.peer_group,
        described.org_code,
        described.doctor_code,
        described.x
    from described
    cross join rungs
    inner join candidate_groups
        on
            candidate_groups.rung = rungs.rung
            and candidate_groups.peer_group
            = case when rungs.rung = 3 then described.wide_group else described.wide_group || '|' || described.level_group end
            and described.rx_month <= candidate_groups.compared_month
            and described.rx_month > {{ add_months('candidate_groups.compared_month', '-1 * candidate_groups.months') }}
),

{{
    medians_and_deviations(
        'grouped',
        ['rung', 'compared_month', 'peer_group'],
        also=["count(distinct org_code || '|' || doctor_code) as peer_n"]
    )
}},

compared as (
    select
        candidate_rungs.*,
        medians.median,
        mod_z.value as z_limit,
        {{ robust_z('candidate_rungs.x', 'medians.median', 'deviations.mad', '(medians.q3 - medians.q1)') }} as z_score,
        row_number() over (
            partition by candidate_rungs.org_code, candidate_rungs.rx_id
            order by candidate_rungs.rung
        ) as choice
    from candidate_rungs
    inner join medians
        on
            medians.rung = candidate_rungs.rung
            and medians.compared_month = candidate_rungs.rx_month
            and medians.peer_group = candidate_rungs.peer_group
    inner join deviations
        on
            deviations.rung = candidate_rungs.rung
            and deviations.compared_month = candidate_rungs.rx_month
            and deviations.peer_group = candidate_rungs.peer_group
    {{ threshold_join('mod_z', 'RX03', 'mod_z', 'candidate_rungs.org_code', 'candidate_rungs.rx_month') }}
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'candidate_rungs.org_code', 'candidate_rungs.rx_month') }}
    where medians.peer_n >= min_peers.value
),

outliers as (
    select
        org_code,
        rx_id,
        doctor_code,
        rx_month,
        metric,
        amount,
        local_cap,
        rung,
        cast(amount * (1 - exp(median) / compared_amount) as numeric(18, 2)) as excess
    from compared
    where choice = 1 and z_score > z_limit
)

select * from outliers
