-- Grain: one settled stay in its DRG or DIP group, or with the reason why it is in none. Source: land.yb_drg_group.
with latest as (
    {{ latest_version('yb_drg_group', ['setl_id', 'grp_method']) }}
),

typed as (
    select
        org_code,
        setl_id,
        grp_method,
        grp_code,
        cast(weight as numeric(18, 4)) as weight,
        cast(std_amount as numeric(18, 2)) as std_amount,
        cast(pay_amount as numeric(18, 2)) as pay_amount,
        nullif(trim(ungrouped_reason), '') as ungrouped_reason,
        _batch_id as batch_id
    from latest
)

select * from typed
