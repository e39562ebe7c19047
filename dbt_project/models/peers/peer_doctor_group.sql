-- Grain: one metric, month and peer group that is somebody's group, with its median, MAD and quartiles.
-- Rule: the narrowest rung with at least ALL.min_peers doctors; medians are ordered-set aggregates and no
-- window functions, so they are aggregated and joined.
with members as (
    select * from {{ ref('peer_doctor_member') }}
),

sizes as (
    select
        metric,
        rung,
        compared_month,
        peer_group,
        count(distinct org_code || '|' || doctor_code) as peer_n
    from members
    group by metric, rung, compared_month, peer_group
),

medians as (
    select
        members.metric,
        members.rung,
        members.compared_month,
        members.peer_group,
        max(sizes.peer_n) as peer_n,
        percentile_cont(0.25) within group (order by members.x) as q1,
        percentile_cont(0.5) within group (order by members.x) as median,
        percentile_cont(0.75) within group (order by members.x) as q3
    from members
    inner join sizes
        on
            members.metric = sizes.metric
            and members.rung = sizes.rung
            and members.compared_month = sizes.compared_month
            and members.peer_group = sizes.peer_group
    group by members.metric, members.rung, members.compared_month, members.peer_group
),

deviations as (
    select
        members.metric,
        members.rung,
        members.compared_month,
        members.peer_group,
        percentile_cont(0.5) within group (order by abs(members.x - medians.median)) as mad
    from members
    inner join medians
        on
            members.metric = medians.metric
            and members.rung = medians.rung
            and members.compared_month = medians.compared_month
            and members.peer_group = medians.peer_group
    group by members.metric, members.rung, members.compared_month, members.peer_group
),

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
