{{ config(indexes=[{'columns': ['metric', 'org_code', 'doctor_code', 'rx_month'], 'unique': true}]) }}

-- Grain: one doctor, month and metric that has peers and enough earlier months to be held against.
-- Rule: upper CUSUM (Page 1954) of the distance from the peers' median, so that a change in which all share is
-- none; shares by arc sines of square roots, whose spread does not depend on the share. The distance is not taken
-- in the peers' MAD, which among few peers varies more than the doctor does. The baseline are the months before the
-- last CH01.watch_months, at most CH01.baseline_months; a step is the distance from its mean in standard deviations,
-- at most CH01.max_step, less CH01.slack. The deviation is the larger of the doctor's own and the median one of all
-- with the metric in that month, since few months give too small a one. The sum that counts is the largest of the
-- runs that end in the month. The p-value is that of the run's mean, the error of the baseline's mean included,
-- times the runs that there could be. limit_lower and limit_upper are where a single month would lie ALL.funnel_z of these
-- deviations from the baseline's mean, beside the peers' median of the month, in the unit of x.
-- Source: peers.peer_prescribing_score.
with scores as (
    select
        metric,
        org_code,
        doctor_code,
        rx_month,
        std_dept_code,
        metric_value,
        median,
        case metric
            when 'log_avg_amount' then {{ as_double('x - median') }}
            else asin(sqrt({{ as_double('x') }})) - asin(sqrt({{ as_double('median') }}))
        end as distance
    from {{ ref('peer_prescribing_score') }}
    where
        peer_group is not null
        and metric in {{ watched_metrics() }}
),

-- Each month with the months that it looks back on.
pairs as (
    select
        own.metric || '|' || own.org_code || '|' || own.doctor_code || '|' || {{ as_text('own.rx_month') }} as own_key,
        own.metric,
        own.org_code,
        own.doctor_code,
        own.rx_month,
        past.rx_month as past_month,
        past.std_dept_code,
        past.metric_value,
        past.distance,
        own.median,
        watch.value as watch_months,
        min_baseline.value as min_baseline,
        slack.value as slack,
        max_step.value as max_step,
        funnel.value as funnel_z,
        {{ months_between('past.rx_month', 'own.rx_month') }} >= watch.value as is_baseline
    from scores as own
    {{ threshold_join('watch', 'CH01', 'watch_months', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('baseline', 'CH01', 'baseline_months', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('min_baseline', 'CH01', 'min_baseline', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('slack', 'CH01', 'slack', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('max_step', 'CH01', 'max_step', 'own.org_code', 'own.rx_month') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'own.org_code', 'own.rx_month') }}
    inner join scores as past
        on
            own.metric = past.metric
            and own.org_code = past.org_code
            and own.doctor_code = past.doctor_code
            and past.rx_month <= own.rx_month
            and past.rx_month > {{ add_months('own.rx_month', '-1 * cast(watch.value + baseline.value as integer)') }}
),

baselines as (
    select
        pairs.*,
        count(case when is_baseline then 1 end) over own as baseline_months,
        avg(case when is_baseline then distance end) over own as baseline_mean,
        stddev_samp(case when is_baseline then distance end) over own as own_deviation,
        avg(case when is_baseline then metric_value end) over own as baseline_value,
        min(std_dept_code) over own < max(std_dept_code) over own as has_moved
    from pairs
    window own as (partition by own_key)
),

watched as (
    select * from baselines
    where not is_baseline and baseline_months >= min_baseline
),

-- Each doctor once, in the order of the deviations, before the other rows: their middle is the median.
placed as (
    select
        watched.*,
        count(case when past_month = rx_month then 1 end) over (partition by metric, rx_month) as doctors,
        row_number() over (
            partition by metric, rx_month
            order by case when past_month = rx_month then 0 else 1 end, own_deviation
        ) as place
    from watched
),

usual as (
    select
        placed.*,
        avg(case when place between doctors / 2.0 and doctors / 2.0 + 1 then own_deviation end)
            over (partition by metric, rx_month) as usual_deviation
    from placed
),

scaled as (
    select
        usual.*,
        nullif(greatest(own_deviation, usual_deviation), 0.0) as baseline_deviation
    from usual
),

runs as (
    select
        scaled.*,
        sum(least((distance - baseline_mean) / baseline_deviation, max_step) - slack) over run as run_sum,
        count(*) over run as run_months
    from scaled
    window run as (
        partition by own_key
        order by past_month desc
        rows between unbounded preceding and current row
    )
),

chosen as (
    select
        runs.*,
        row_number() over (
            partition by own_key
            order by run_sum desc, run_months
        ) = 1 as is_chosen
    from runs
),

tested as (
    select
        metric,
        org_code,
        doctor_code,
        rx_month,
        baseline_months,
        baseline_mean,
        baseline_deviation,
        baseline_value,
        has_moved,
        watch_months,
        median,
        baseline_mean - funnel_z * baseline_deviation as distance_lower,
        baseline_mean + funnel_z * baseline_deviation as distance_upper,
        case when baseline_deviation is not null then past_month end as changed_month,
        case when baseline_deviation is not null then run_months end as run_months,
        greatest(run_sum, 0.0) as cusum,
        (run_sum + slack * run_months)
        / sqrt(run_months * (1.0 + {{ as_double('run_months') }} / baseline_months)) as run_z
    from chosen
    where is_chosen
),

probabilities as (
    select
        tested.*,
        cast(least(watch_months * {{ upper_tail_p('run_z') }}, 1.0) as numeric(18, 8)) as p_value
    from tested
),

adjusted as (
    {{ benjamini_hochberg('probabilities', 'p_value', ['metric', 'rx_month']) }}
),

changes as (
    select
        metric,
        org_code,
        doctor_code,
        rx_month,
        cast(baseline_months as integer) as baseline_months,
        cast(baseline_mean as numeric(18, 6)) as baseline_mean,
        cast(baseline_deviation as numeric(18, 6)) as baseline_deviation,
        cast(baseline_value as numeric(18, 6)) as baseline_value,
        {%- for side in ['lower', 'upper'] %}
        cast(
            case
                when metric = 'log_avg_amount' then exp({{ as_double('median') }} + distance_{{ side }})
                when distance_{{ side }} is not null
                    then power(
                        sin(least(greatest(asin(sqrt({{ as_double('median') }})) + distance_{{ side }}, 0.0), asin(1.0))), 2
                    )
            end as numeric(18, 6)
        ) as limit_{{ side }},
        {%- endfor %}
        has_moved,
        changed_month,
        cast(run_months as integer) as run_months,
        cast(case when baseline_deviation is not null then cusum end as numeric(18, 4)) as cusum,
        p_value,
        q_value
    from adjusted
)

select * from changes
