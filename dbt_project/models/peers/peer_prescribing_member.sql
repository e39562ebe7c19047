-- Grain: one metric, rung of the ladder, month of comparison and doctor-month that counts as a peer in it.
-- Rule: rungs widen the group: 1 same level, type, department and month; 2 three months; 3 all levels;
-- 4 the discipline group instead of the department. Doctor-months below the volume floor are no peers.
with metrics as (
    select * from {{ ref('peer_prescribing_month') }}
    where has_volume and x is not null
),

rungs as (
    select
        rung,
        months_ago
    from (
        values (1, 0), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2), (4, 0), (4, 1), (4, 2)
    ) as rungs (rung, months_ago)
),

members as (
    select
        metrics.metric,
        rungs.rung,
        {{ add_months('metrics.rx_month', 'rungs.months_ago') }} as compared_month,
        case
            when rungs.rung <= 2
                then metrics.level_group || '|' || metrics.org_type || '|' || metrics.std_dept_code
            when rungs.rung = 3 then metrics.org_type || '|' || metrics.std_dept_code
            else metrics.org_type || '|' || metrics.discipline_group
        end || case when rungs.rung = 1 then '|outpatient|1m' else '|outpatient|3m' end as peer_group,
        metrics.org_code,
        metrics.doctor_code,
        metrics.rx_month,
        metrics.x
    from metrics
    cross join rungs
),

named as (
    select * from members
    where peer_group is not null
)

select * from named
