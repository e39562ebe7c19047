-- Grain: one lot of a procurement project.
-- Rule: opened_month is that of the opening of bids, null while none were opened; a lot is retendered where the
-- same organisation had one of the same project name and lot fail before this one was announced.
-- Source: stg_procurement__lot, stg_procurement__project.
with lots as (
    select * from {{ ref('stg_procurement__lot') }}
),

projects as (
    select * from {{ ref('stg_procurement__project') }}
),

described as (
    select
        lots.org_code,
        lots.project_id,
        lots.lot_no,
        lots.project_id || '#' || lots.lot_no as lot_key,
        projects.project_name,
        projects.category_code,
        projects.category_kind,
        projects.domain,
        projects.method,
        projects.notice_time,
        projects.open_time,
        {{ month_of('projects.open_time') }} as open_month,
        lots.outcome,
        lots.winner_supplier_code,
        lots.award_amount,
        lots.batch_id
    from lots
    inner join projects
        on
            lots.org_code = projects.org_code
            and lots.project_id = projects.project_id
),

failures as (
    select
        org_code,
        project_name,
        category_code,
        lot_no,
        open_time
    from described
    where outcome = 'failed'
),

retendered as (
    select
        described.org_code,
        described.lot_key,
        max(failures.open_time) as failed_time
    from described
    inner join failures
        on
            described.org_code = failures.org_code
            and described.project_name = failures.project_name
            and described.category_code = failures.category_code
            and described.lot_no = failures.lot_no
            and described.notice_time >= failures.open_time
    group by described.org_code, described.lot_key
),

marked as (
    select
        described.*,
        retendered.failed_time
    from described
    left join retendered
        on
            described.org_code = retendered.org_code
            and described.lot_key = retendered.lot_key
)

select * from marked
