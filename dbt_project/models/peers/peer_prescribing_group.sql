-- Grain: one metric, month and peer group that is somebody's group, with its median, MAD and quartiles.
-- Rule: the narrowest rung with at least ALL.min_peers doctors.
with members as (
    select * from {{ ref('peer_prescribing_member') }}
),

{{
    medians_and_deviations(
        'members',
        ['metric', 'rung', 'compared_month', 'peer_group'],
        also=["count(distinct org_code || '|' || doctor_code) as peer_n"]
    )
}},

statistics as (
    select
        medians.metric,
        medians.rung,
        medians.compared_month,
        medians.peer_group,
        cast(medians.peer_n as integer) as peer_n,
        cast(medians.median as numeric(18, 6)) as median,
        cast(deviations.mad as numeric(18, 6)) as mad,
        cast(medians.q1 as numeric(18, 6)) as q1,
        cast(medians.q3 as numeric(18, 6)) as q3,
        cast(medians.q3 - medians.q1 as numeric(18, 6)) as iqr
    from medians
    inner join deviations
        on
            medians.metric = deviations.metric
            and medians.rung = deviations.rung
            and medians.compared_month = deviations.compared_month
            and medians.peer_group = deviations.peer_group
)

select * from statistics
