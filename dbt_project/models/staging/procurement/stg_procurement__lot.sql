-- Grain: one lot of a project. Source: land.pr_lot.
with latest as (
    {{ latest_version('pr_lot', ['project_id', 'lot_no']) }}
),

typed as (
    select
        org_code,
        project_id,
        lot_no,
        outcome,
        winner_supplier_code,
        cast(award_amount as numeric(18, 2)) as award_amount,
        _batch_id as batch_id
    from latest
)

select * from typed
