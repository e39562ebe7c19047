-- Grain: one doctor, quarter and product of int_doctor_product, beside the doctor's peers.
-- Rule: the narrowest group with ALL.min_peers doctors who prescribe the class at hospitals that use the product:
-- same level, type and department; all levels; the discipline group. peer_share is the peers' quantity of the
-- product in their quantity of the class, without the doctor's own; z the modified z of the class share, limit_lower and
-- limit_upper the shares that lie ALL.funnel_z standard deviations from the peers' median.
-- Source: int_doctor_product, int_class_share.
with shares as (
    select * from {{ ref('int_class_share') }}
),

members as (
    select
        shares.org_code,
        shares.doctor_code,
        shares.quarter_start,
        shares.product,
        shares.qty,
        shares.class_qty,
        shares.class_share,
        rungs.rung,
        {{ class_peer_group('shares', 'rungs.rung') }} || '|3m' as peer_group
    from shares
    cross join (values (1), (2), (3)) as rungs (rung)
),

-- One key of one column: planners take the columns of a longer one for independent.
grouped_members as (
    select
        members.*,
        {{ as_text('rung') }} || '|' || {{ as_text('quarter_start') }} || '|' || product || '|' || peer_group as group_key
    from members
    where peer_group is not null
),

{{
    medians_and_deviations(
        'grouped_members',
        ['group_key'],
        x='class_share',
        also=['count(*) as peer_n', 'sum(qty) as group_qty', 'sum(class_qty) as group_class_qty']
    )
}},

candidates as (
    select
        members.org_code,
        members.doctor_code,
        members.quarter_start,
        members.product,
        members.peer_group,
        cast(medians.peer_n as integer) as peer_n,
        cast((medians.group_qty - members.qty) / nullif(medians.group_class_qty - members.class_qty, 0) as numeric(18, 8))
            as peer_share,
        cast(
            {{ robust_z('members.class_share', 'medians.median', 'deviations.mad', '(medians.q3 - medians.q1)') }} as numeric(18, 4)
        ) as z_score,
        {%- for side in ['lower', 'upper'] %}
        cast(
            {{
                limit_of_share(
                    side,
                    peer_limit(side, 'medians.median', 'deviations.mad', '(medians.q3 - medians.q1)', 'funnel.value'),
                )
            }} as numeric(18, 8)
        ) as limit_{{ side }},
        {%- endfor %}
        row_number() over (
            partition by members.org_code, members.doctor_code, members.quarter_start, members.product
            order by members.rung
        ) as choice
    from grouped_members as members
    inner join medians on medians.group_key = members.group_key
    inner join deviations on deviations.group_key = members.group_key
    {{ threshold_join('min_peers', 'ALL', 'min_peers', 'members.org_code', 'members.quarter_start') }}
    {{ threshold_join('funnel', 'ALL', 'funnel_z', 'members.org_code', 'members.quarter_start') }}
    where medians.peer_n >= min_peers.value
),

compared as (
    select
        products.*,
        candidates.peer_group,
        candidates.peer_n,
        candidates.peer_share,
        candidates.z_score,
        candidates.limit_lower,
        candidates.limit_upper,
        cast({{ upper_tail_p('candidates.z_score') }} as numeric(18, 8)) as p_value
    from {{ ref('int_doctor_product') }} as products
    left join candidates
        on
            candidates.org_code = products.org_code
            and candidates.doctor_code = products.doctor_code
            and candidates.quarter_start = products.quarter_start
            and candidates.product = products.product
            and candidates.choice = 1
),

adjusted as (
    {{ benjamini_hochberg('compared', 'p_value', ['quarter_start']) }}
)

select * from adjusted
