{{ config(indexes=[{'columns': ['metric', 'org_code', 'doctor_code', 'rx_month'], 'unique': true}]) }}

-- Grain: one doctor, month and metric, compared with its peer group.
-- Rule: no volume or no group of enough doctors, no comparison (z_score null, is_outlier false). A share must
-- also lie outside the funnel of its count around the peers' median, with the larger variance of the two, as a
-- group in which hardly anybody has a case says nothing of chance. limit_lower and limit_upper are the control limits of
-- ALL.funnel_z standard deviations in the unit of metric_value, those of the peers or, of a share, of the funnel where
-- these lie farther out.
with metrics as (
    select * from {{ ref('peer_prescribing_month') }}
),

own_groups as (
    select
        members.metric,
        members.org_code,
        members.doctor_code,
        members.rx_month,
        peer_groups.rung,
        peer_groups.peer_group,
        peer_groups.peer_n,
        peer_groups.median,
        peer_groups.mad,
        peer_groups.q3,
        peer_groups.iqr,
        row_number() over (
            partition by members.metric, members.org_code, members.doctor_code, members.rx_month
            order by peer_groups.rung
        ) = 1 as is_chosen
    from {{ ref('peer_prescribing_member') }} as members
    inner join {{ ref('peer_prescribing_group') }} as peer_groups
        on
            members.metric = peer_groups.metric
            and members.rung = peer_groups.rung
            and members.compared_month = peer_groups.compared_month
            and members.peer_group = peer_groups.peer_group
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'members.org_code', 'members.rx_month') }}
    where
        members.compared_month = members.rx_month
        and peer_groups.peer_n >= min_peers.value
),

grouped as (
    select
        metrics.*,
        own_groups.rung,
        own_groups.peer_group,
        own_groups.peer_n,
        own_groups.median,
        own_groups.mad,
        own_groups.q3,
        own_groups.iqr,
        case
            when metrics.metric like 'log%' then limit_amount.value
            when metrics.metric like '%key_share' then limit_share.value
            when metrics.metric = 'antibacterial_rate' then limit_antibacterial.value
            when metrics.metric = 'injection_rate' then limit_injection.value
            when metrics.metric = 'essential_share' then limit_essential.value
        end as z_limit,
        tukey.value as tukey_k,
        funnel.value as funnel_z
    from metrics
    left join own_groups
        on
            metrics.metric = own_groups.metric
            and metrics.org_code = own_groups.org_code
            and metrics.doctor_code = own_groups.doctor_code
            and metrics.rx_month = own_groups.rx_month
            and own_groups.is_chosen
    {{ threshold_join('limit_amount', 'RX03', 'mod_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('limit_share', 'RX10', 'mod_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('limit_antibacterial', 'RX04', 'mod_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('limit_injection', 'RX08', 'mod_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('limit_essential', 'RX09', 'mod_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'metrics.org_code', 'metrics.rx_month') }}
    {{ threshold_join('tukey', 'ALL', 'tukey_k', 'metrics.org_code', 'metrics.rx_month') }}
),

limited as (
    select
        grouped.*,
        {{ peer_limit('lower', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as peers_lower,
        {{ peer_limit('upper', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as peers_upper
    from grouped
),

bounded as (
    select
        limited.*,
        case
            when metric like 'log%' then peers_lower
            else {{ limit_of_share('lower', 'peers_lower', funnel_limit('lower', 'median', 'trials', 'funnel_z')) }}
        end as x_lower,
        case
            when metric like 'log%' then peers_upper
            else {{ limit_of_share('upper', 'peers_upper', funnel_limit('upper', 'median', 'trials', 'funnel_z')) }}
        end as x_upper
    from limited
),

scored as (
    select
        bounded.*,
        cast({{ robust_z('x', 'median', 'mad', 'iqr') }} as numeric(18, 4)) as z_score,
        {{ is_robust_outlier('x', 'median', 'mad', 'q3', 'iqr', 'z_limit', 'tukey_k') }}
        and (trials is null or {{ is_above_funnel('x', 'median', 'trials', 'funnel_z') }}) as is_outlier
    from bounded
),

tested as (
    select
        scored.*,
        cast({{ upper_tail_p('z_score') }} as numeric(18, 8)) as p_value
    from scored
),

adjusted as (
    {{ benjamini_hochberg('tested', 'p_value', ['metric', 'rx_month']) }}
),

-- Persistence: in how many months of the window up to this one the doctor was an outlier.
recent as (
    select
        own.metric,
        own.org_code,
        own.doctor_code,
        own.rx_month,
        count(*) as outlier_months
    from adjusted as own
    {{ threshold_join('months', 'ALL', 'persistence_window', 'own.org_code', 'own.rx_month') }}
    inner join adjusted as past
        on
            own.metric = past.metric
            and own.org_code = past.org_code
            and own.doctor_code = past.doctor_code
            and past.is_outlier
            and past.rx_month <= own.rx_month
            and past.rx_month > {{ add_months('own.rx_month', '-1 * cast(months.value as integer)') }}
    group by own.metric, own.org_code, own.doctor_code, own.rx_month
),

-- Growth: against the mean of the three months before, null until there is one.
previous as (
    select
        own.metric,
        own.org_code,
        own.doctor_code,
        own.rx_month,
        avg(past.metric_value) as previous_mean,
        count(*) as previous_months
    from adjusted as own
    inner join adjusted as past
        on
            own.metric = past.metric
            and own.org_code = past.org_code
            and own.doctor_code = past.doctor_code
            and past.rx_month < own.rx_month
            and past.rx_month >= {{ add_months('own.rx_month', '-3') }}
    group by own.metric, own.org_code, own.doctor_code, own.rx_month
),

compared as (
    select
        adjusted.org_code,
        adjusted.doctor_code,
        adjusted.rx_month,
        adjusted.metric,
        adjusted.dept_code,
        adjusted.std_dept_code,
        adjusted.n,
        adjusted.amount,
        adjusted.metric_value,
        adjusted.x,
        adjusted.has_volume,
        adjusted.rung,
        adjusted.peer_group,
        adjusted.peer_n,
        adjusted.median,
        adjusted.mad,
        adjusted.q3,
        adjusted.iqr,
        {%- for column, x in [
            ('expected', {'high': 'median', 'low': 'median'}),
            ('limit_lower', {'high': 'x_lower', 'low': 'x_upper'}),
            ('limit_upper', {'high': 'x_upper', 'low': 'x_lower'}),
        ] %}
        -- A low share of essential medicines is a high one of all others.
        cast(
            case
                when adjusted.metric like 'log%' then exp(adjusted.{{ x.high }})
                when adjusted.metric = 'essential_share' then 1 - adjusted.{{ x.low }}
                when adjusted.metric in ('dept_key_share', 'ward_key_share')
                    then {{ not_below_zero('adjusted.metric_value - adjusted.x + adjusted.' ~ x.high) }}
                else adjusted.{{ x.high }}
            end as numeric(18, 6)
        ) as {{ column }},
        {%- endfor %}
        adjusted.z_limit,
        adjusted.z_score,
        adjusted.is_outlier,
        adjusted.p_value,
        adjusted.q_value,
        cast(coalesce(recent.outlier_months, 0) as integer) as outlier_months,
        cast(previous.previous_mean as numeric(18, 6)) as previous_mean,
        cast(coalesce(previous.previous_months, 0) as integer) as previous_months
    from adjusted
    left join recent
        on
            adjusted.metric = recent.metric
            and adjusted.org_code = recent.org_code
            and adjusted.doctor_code = recent.doctor_code
            and adjusted.rx_month = recent.rx_month
    left join previous
        on
            adjusted.metric = previous.metric
            and adjusted.org_code = previous.org_code
            and adjusted.doctor_code = previous.doctor_code
            and adjusted.rx_month = previous.rx_month
)

select * from compared
