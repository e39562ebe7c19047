-- Grain: one doctor, month and share of outpatient visits or lines (antibacterial_rate, injection_rate,
-- essential_share), with what the comparison with peers says of it.
-- Rule: an outlier in two of the last three months with the false discovery rate held; a doctor whom only doctors
-- of other departments (the discipline group, rung 4) can be compared with is guarded.
-- Source: peers.peer_prescribing_score.
with scores as (
    select * from {{ ref('peer_prescribing_score') }}
    where metric in ('antibacterial_rate', 'injection_rate', 'essential_share')
),

judged as (
    select
        scores.*,
        case
            when not scores.has_volume then 'below_volume'
            when scores.peer_group is null then 'no_peer_group'
            when not scores.is_outlier then 'clear'
            when scores.rung = 4 then 'other_departments'
            when scores.outlier_months < persistence.value then 'not_persistent'
            when scores.q_value > fdr.value then 'false_discovery'
            else 'fired'
        end as verdict
    from scores
    {{ threshold_join('persistence', 'ALL', 'persistence_months', 'scores.org_code', 'scores.rx_month') }}
    {{ threshold_join('fdr', 'ALL', 'fdr_q', 'scores.org_code', 'scores.rx_month') }}
)

select * from judged
