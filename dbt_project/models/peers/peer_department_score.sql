{{ config(indexes=[{'columns': ['measure_key'], 'unique': true}]) }}

-- Grain: one department or hospital, setting, quarter and measure, compared with its peer group.
-- Rule: peers are those of the same setting and quarter, from the narrowest group with ALL.min_peers: departments of 1
-- level, type and department; 2 type and department; 3 type and discipline; hospitals of 1 level and type; 2 type. What is
-- compared is the deviation from the expected value, so that a discipline's departments may stand side by side. Shares and
-- rates must also lie outside the funnel of their number of encounters, growth above BL15.growth; `is_dear` says whether the
-- mean cost lies above the peers' third quartile. `outlier_months` counts the months of the quarter above the group's third
-- quartile, of growth those that grew at all. `obstacle` says why nothing was compared. limit_lower and limit_upper are
-- the control limits of ALL.funnel_z standard deviations in the unit of value, those of the peers or, of shares and rates, of
-- the funnel where these lie farther out.
-- Source: peer_department_measure.
with measures as (
    select * from {{ ref('peer_department_measure') }}
    where span = 'quarter'
),

compared_months as (
    select * from {{ ref('peer_department_measure') }}
    where span = 'month'
),

members as (
    select
        measures.measure_key,
        measures.org_code,
        measures.subject_type,
        measures.quarter_start,
        measures.measure,
        measures.x,
        rungs.rung,
        {{ department_peer_group('measures') }} || '|' || measures.setting || '|3m' as peer_group
    from measures
    cross join (values (1), (2), (3)) as rungs (rung)
    where measures.obstacle is null and (measures.subject_type = 'department' or rungs.rung <= 2)
),

-- One key of one column: planners take the columns of a longer one for independent.
keyed as (
    select
        members.*,
        subject_type || '|' || measure || '|' || {{ as_text('quarter_start') }} || '|' || {{ as_text('rung') }}
        || '|' || peer_group as group_key
    from members
    where peer_group is not null
),

{{ medians_and_deviations('keyed', ['group_key'], also=['count(*) as peer_n']) }},

limits as (
    select
        quarters.org_code,
        quarters.quarter_start,
        min_peers.value as min_peers,
        tukey.value as tukey_k,
        funnel.value as funnel_z,
        cost_z.value as cost_z,
        growth.value as growth,
        admission_z.value as admission_z
    from (
        select distinct
            org_code,
            quarter_start
        from measures
    ) as quarters
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('tukey', 'ALL', 'tukey_k', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('cost_z', 'BL15', 'mod_z', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('growth', 'BL15', 'growth', 'quarters.org_code', 'quarters.quarter_start') }}
    {{ threshold_join('admission_z', 'BL12', 'mod_z', 'quarters.org_code', 'quarters.quarter_start') }}
),

own_groups as (
    select
        keyed.measure_key,
        keyed.rung,
        keyed.peer_group,
        cast(medians.peer_n as integer) as peer_n,
        cast(medians.median as numeric(18, 6)) as median,
        cast(deviations.mad as numeric(18, 6)) as mad,
        cast(medians.q3 as numeric(18, 6)) as q3,
        cast(medians.q3 - medians.q1 as numeric(18, 6)) as iqr,
        row_number() over (partition by keyed.measure_key order by keyed.rung) as choice
    from keyed
    inner join medians on medians.group_key = keyed.group_key
    inner join deviations on deviations.group_key = keyed.group_key
    inner join limits
        on
            limits.org_code = keyed.org_code
            and limits.quarter_start = keyed.quarter_start
    where medians.peer_n >= limits.min_peers
),

grouped as (
    select
        measures.*,
        own_groups.rung,
        own_groups.peer_group,
        own_groups.peer_n,
        own_groups.median,
        own_groups.mad,
        own_groups.q3,
        own_groups.iqr,
        case measures.measure when 'low_admission_rate' then limits.admission_z else limits.cost_z end as z_limit,
        limits.tukey_k,
        limits.funnel_z,
        limits.growth
    from measures
    inner join limits
        on
            limits.org_code = measures.org_code
            and limits.quarter_start = measures.quarter_start
    left join own_groups
        on
            own_groups.measure_key = measures.measure_key
            and own_groups.choice = 1
),

centred as (
    select
        grouped.*,
        cast({{ not_below_zero(value_at_deviation('median')) }} as numeric(18, 6)) as peer_expected,
        cast({{ robust_z('x', 'median', 'mad', 'iqr') }} as numeric(18, 4)) as z_score,
        {{ peer_limit('lower', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as x_lower,
        {{ peer_limit('upper', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as x_upper
    from grouped
),

limited as (
    select
        centred.*,
        {{ value_at_deviation('x_lower') }} as peers_lower,
        {{ value_at_deviation('x_upper') }} as peers_upper
    from centred
),

bounded as (
    select
        limited.*,
        cast(
            case
                when measure in ('mean_amount', 'mean_growth') then case when x_lower is not null then greatest(peers_lower, 0) end
                else {{ limit_of_share('lower', 'peers_lower', funnel_limit('lower', 'peer_expected', 'n', 'funnel_z')) }}
            end as numeric(18, 6)
        ) as limit_lower,
        cast(
            case
                when measure in ('mean_amount', 'mean_growth') then peers_upper
                else {{ limit_of_share('upper', 'peers_upper', funnel_limit('upper', 'peer_expected', 'n', 'funnel_z')) }}
            end as numeric(18, 6)
        ) as limit_upper
    from limited
),

scored as (
    select
        bounded.*,
        cast({{ upper_tail_p('z_score') }} as numeric(18, 8)) as p_value,
        coalesce(
            {{ is_robust_outlier('x', 'median', 'mad', 'q3', 'iqr', 'z_limit', 'tukey_k') }}
            and case measure
                when 'mean_amount' then 1 = 1
                when 'mean_growth' then value > 1 + growth
                else {{ is_above_funnel('value', 'peer_expected', 'n', 'funnel_z') }}
            end,
            false
        ) as is_outlier,
        coalesce(
            {{ is_robust_outlier('other_x', 'median', 'mad', 'q3', 'iqr', 'z_limit', 'tukey_k') }}
            and case measure
                when 'mean_amount' then 1 = 1
                when 'mean_growth' then other_value > 1 + growth
                else {{ is_above_funnel('other_value', 'peer_expected', 'n', 'funnel_z') }}
            end,
            false
        ) as is_other_outlier
    from bounded
),

adjusted as (
    {{ benjamini_hochberg('scored', 'p_value', ['measure', 'subject_type', 'quarter_start']) }}
),

months_above as (
    select
        adjusted.measure_key,
        cast(count(*) as integer) as outlier_months
    from adjusted
    inner join compared_months on compared_months.measure_key = adjusted.measure_key
    where
        compared_months.x > adjusted.q3
        and (adjusted.measure <> 'mean_growth' or compared_months.value > 1)
    group by adjusted.measure_key
),

dear as (
    select
        org_code,
        subject_type,
        subject_id,
        setting,
        quarter_start
    from adjusted
    where measure = 'mean_amount' and x > q3
),

finished as (
    select
        adjusted.measure_key,
        adjusted.org_code,
        adjusted.subject_type,
        adjusted.subject_id,
        adjusted.setting,
        adjusted.quarter_start,
        adjusted.measure,
        adjusted.n,
        adjusted.denominator,
        adjusted.value,
        adjusted.other_value,
        adjusted.expected,
        adjusted.low_guard,
        adjusted.obstacle,
        adjusted.x,
        adjusted.rung,
        adjusted.peer_group,
        adjusted.peer_n,
        adjusted.median,
        adjusted.peer_expected,
        adjusted.limit_lower,
        adjusted.limit_upper,
        adjusted.z_limit,
        adjusted.z_score,
        adjusted.p_value,
        adjusted.q_value,
        adjusted.is_outlier,
        adjusted.is_other_outlier,
        dear.subject_id is not null as is_dear,
        coalesce(months_above.outlier_months, 0) as outlier_months
    from adjusted
    left join months_above on months_above.measure_key = adjusted.measure_key
    left join dear
        on
            dear.org_code = adjusted.org_code
            and dear.subject_type = adjusted.subject_type
            and dear.subject_id = adjusted.subject_id
            and dear.setting = adjusted.setting
            and dear.quarter_start = adjusted.quarter_start
)

select * from finished
