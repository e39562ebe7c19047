-- Grain: one hospital or department and quarter of int_coding_measure, compared with its peers.
-- Rule: peers are those of the same quarter, from the narrowest group with ALL.min_peers: departments of 1 level, type
-- and department; 2 type and department; 3 type and discipline; hospitals of 1 level and type; 2 type. Compared are how
-- far the share of the highest group lies from what its families expect (modified z), the rise of ln CMI, and the fall
-- of the cost per weight (both by their rank: the part of the other peers below). `obstacle` says why the share, and
-- `change_obstacle` why the change, was not compared. limit_lower and limit_upper are the shares that lie ALL.funnel_z
-- standard deviations from the peers or, where that is farther, outside the funnel of the number of cases.
-- Source: int_coding_measure.
with measures as (
    select * from {{ ref('int_coding_measure') }}
),

limits as (
    select
        quarters.org_code,
        quarters.setl_quarter,
        min_cases.value as min_cases,
        min_peers.value as min_peers,
        mod_z.value as z_limit,
        tukey.value as tukey_k,
        funnel.value as funnel_z
    from (
        select distinct
            org_code,
            setl_quarter
        from measures
    ) as quarters
    {{ threshold_join('min_cases', 'BL11', 'min_cases', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('mod_z', 'BL11', 'mod_z', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('tukey', 'ALL', 'tukey_k', 'quarters.org_code', 'quarters.setl_quarter') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'quarters.org_code', 'quarters.setl_quarter') }}
),

limited as (
    select
        measures.*,
        limits.min_cases,
        limits.min_peers,
        limits.z_limit,
        limits.tukey_k,
        limits.funnel_z,
        case
            when measures.subject_type = 'department' and measures.std_dept_code is null then 'missing_department'
            when measures.split_n < limits.min_cases then 'below_volume'
            when measures.compared_n < limits.min_cases then 'no_reference'
        end as obstacle,
        case
            when measures.subject_type = 'department' and measures.std_dept_code is null then 'missing_department'
            when measures.n < limits.min_cases then 'below_volume'
            when measures.previous_n is null then 'no_previous_quarter'
            when measures.previous_n < limits.min_cases then 'below_volume'
        end as change_obstacle
    from measures
    inner join limits
        on
            limits.org_code = measures.org_code
            and limits.setl_quarter = measures.setl_quarter
),

members as (
    select
        limited.org_code,
        limited.subject_type,
        limited.subject_id,
        limited.setl_quarter,
        limited.min_peers,
        compared.measure,
        case compared.measure
            when 'high_share' then limited.compared_share - limited.expected_share
            when 'cmi_rise' then limited.cmi_rise
            else limited.cost_drop
        end as x,
        rungs.rung,
        {{ department_peer_group('limited') }} as peer_group
    from limited
    cross join (values ('high_share'), ('cmi_rise'), ('cost_drop')) as compared (measure)
    cross join (values (1), (2), (3)) as rungs (rung)
    where
        case compared.measure when 'high_share' then limited.obstacle else limited.change_obstacle end is null
        and (limited.subject_type = 'department' or rungs.rung <= 2)
),

-- One key of one column: planners take the columns of a longer one for independent.
keyed as (
    select
        members.*,
        subject_type || '|' || measure || '|' || {{ as_text('setl_quarter') }} || '|' || {{ as_text('rung') }}
        || '|' || peer_group as group_key,
        subject_type || '|' || org_code || '|' || subject_id || '|' || {{ as_text('setl_quarter') }} as subject_key
    from members
    where peer_group is not null and x is not null
),

placed as (
    select
        keyed.*,
        count(*) over (partition by group_key) as peer_n,
        percent_rank() over (partition by group_key order by x) as part_below
    from keyed
),

in_groups as (
    select
        placed.*,
        row_number() over (partition by subject_key, measure order by rung) as choice
    from placed
    where peer_n >= min_peers
),

chosen as (
    select * from in_groups
    where choice = 1
),

high_shares as (
    select * from keyed
    where measure = 'high_share'
),

{{ medians_and_deviations('high_shares', ['group_key']) }},

grouped as (
    select
        limited.*,
        shares.peer_group,
        cast(shares.peer_n as integer) as peer_n,
        shares.x,
        cast(medians.median as numeric(18, 8)) as median,
        cast(deviations.mad as numeric(18, 8)) as mad,
        cast(medians.q3 as numeric(18, 8)) as q3,
        cast(medians.q3 - medians.q1 as numeric(18, 8)) as iqr,
        rises.peer_group as change_peer_group,
        cast(rises.peer_n as integer) as change_peer_n,
        cast(rises.part_below as numeric(18, 8)) as rise_rank,
        cast(drops.part_below as numeric(18, 8)) as drop_rank
    from limited
    left join chosen as shares
        on
            shares.measure = 'high_share'
            and shares.subject_key
            = limited.subject_type || '|' || limited.org_code || '|' || limited.subject_id || '|'
            || {{ as_text('limited.setl_quarter') }}
    left join medians on medians.group_key = shares.group_key
    left join deviations on deviations.group_key = shares.group_key
    left join chosen as rises
        on
            rises.measure = 'cmi_rise'
            and rises.subject_key
            = limited.subject_type || '|' || limited.org_code || '|' || limited.subject_id || '|'
            || {{ as_text('limited.setl_quarter') }}
    left join chosen as drops
        on
            drops.measure = 'cost_drop'
            and drops.subject_key = rises.subject_key
),

scored as (
    select
        grouped.*,
        cast(least(greatest(expected_share + median, 0), 1) as numeric(18, 8)) as peer_expected,
        cast({{ robust_z('x', 'median', 'mad', 'iqr') }} as numeric(18, 4)) as z_score,
        expected_share + {{ peer_limit('lower', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as peers_lower,
        expected_share + {{ peer_limit('upper', 'median', 'mad', 'iqr', 'funnel_z', 'q3', 'tukey_k') }} as peers_upper
    from grouped
),

tested as (
    select
        scored.*,
        cast({{ upper_tail_p('z_score') }} as numeric(18, 8)) as p_value,
        {%- for side in ['lower', 'upper'] %}
        cast(
            {{
                limit_of_share(
                    side, 'peers_' ~ side, funnel_limit(side, 'peer_expected', 'compared_n', 'funnel_z'),
                )
            }} as numeric(18, 8)
        ) as limit_{{ side }},
        {%- endfor %}
        coalesce(
            {{ is_robust_outlier('x', 'median', 'mad', 'q3', 'iqr', 'z_limit', 'tukey_k') }}
            and {{ is_above_funnel('compared_share', 'peer_expected', 'compared_n', 'funnel_z') }},
            false
        ) as is_outlier
    from scored
),

adjusted as (
    {{ benjamini_hochberg('tested', 'p_value', ['subject_type', 'setl_quarter']) }}
)

select * from adjusted
