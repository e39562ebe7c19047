-- Grain: one expert's score of a bid by one criterion. Source: land.pr_eval_score.
with latest as (
    {{ latest_version('pr_eval_score', ['project_id', 'lot_no', 'supplier_code', 'expert_key', 'criterion']) }}
),

typed as (
    select
        org_code,
        project_id,
        lot_no,
        supplier_code,
        expert_key,
        criterion,
        cast(score as numeric(9, 4)) as score,
        cast(max_score as numeric(9, 4)) as max_score,
        _batch_id as batch_id
    from latest
)

select * from typed
