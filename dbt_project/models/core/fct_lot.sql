-- Grain: one lot of a procurement project.
-- Rule: open_month is that of the opening of bids, null while none were opened. Those of an awarded tender were opened:
-- where nobody says when, on the deadline, else by the notice of the result. A lot is retendered where the same
-- organisation had one of the same project name and lot fail before this one was announced. The rounds of one project are
-- told apart by a suffix of its name (code set retender_suffix: 第二次, 重新招标), which does not count, nor do brackets,
-- dashes and spaces. A round that failed without an opening failed on its deadline, else with its result or its notice.
-- Source: stg_procurement__lot, stg_procurement__project, ref.code_label.
with lots as (
    select * from {{ ref('stg_procurement__lot') }}
),

projects as (
    select
        project.*,
        translate(project.project_name, '（）()　 －—-_', '') as plain_name
    from {{ ref('stg_procurement__project') }} as project
),

suffixes as (
    select code as suffix
    from {{ ref('code_label') }}
    where code_set = 'retender_suffix'
),

rounds as (
    select
        projects.org_code,
        projects.project_id,
        max(length(suffixes.suffix)) as suffix_length
    from projects
    inner join suffixes on projects.plain_name like '%_' || suffixes.suffix
    group by projects.org_code, projects.project_id
),

described as (
    select
        lots.org_code,
        lots.project_id,
        lots.lot_no,
        lots.project_id || '#' || lots.lot_no as lot_key,
        projects.project_name,
        left(projects.plain_name, length(projects.plain_name) - coalesce(rounds.suffix_length, 0)) as base_name,
        projects.category_code,
        projects.domain,
        projects.method,
        tenders.code is not null as is_tender,
        projects.notice_time,
        coalesce(
            projects.open_time,
            case
                when lots.outcome = 'awarded' and tenders.code is not null
                    then coalesce(projects.bid_deadline, projects.result_notice_time)
            end
        ) as open_time,
        coalesce(projects.open_time, projects.bid_deadline, projects.result_notice_time, projects.notice_time) as ended_time,
        lots.outcome,
        lots.winner_supplier_code,
        lots.award_amount,
        lots.batch_id
    from lots
    inner join projects
        on
            lots.org_code = projects.org_code
            and lots.project_id = projects.project_id
    left join rounds
        on
            projects.org_code = rounds.org_code
            and projects.project_id = rounds.project_id
    left join {{ ref('code_label') }} as tenders
        on
            projects.method = tenders.code
            and tenders.code_set = 'tender_method'
),

failures as (
    select
        org_code,
        project_id,
        base_name,
        category_code,
        lot_no,
        ended_time
    from described
    where outcome = 'failed'
),

retendered as (
    select
        described.org_code,
        described.lot_key,
        max(failures.ended_time) as failed_time
    from described
    inner join failures
        on
            described.org_code = failures.org_code
            and described.base_name = failures.base_name
            and described.category_code = failures.category_code
            and described.lot_no = failures.lot_no
            and described.project_id <> failures.project_id
            and described.notice_time >= failures.ended_time
    group by described.org_code, described.lot_key
),

marked as (
    select
        described.org_code,
        described.project_id,
        described.lot_no,
        described.lot_key,
        described.project_name,
        described.category_code,
        described.domain,
        described.method,
        described.is_tender,
        described.notice_time,
        described.open_time,
        {{ month_of('described.open_time') }} as open_month,
        described.outcome,
        described.winner_supplier_code,
        described.award_amount,
        described.batch_id,
        retendered.failed_time
    from described
    left join retendered
        on
            described.org_code = retendered.org_code
            and described.lot_key = retendered.lot_key
)

select * from marked
