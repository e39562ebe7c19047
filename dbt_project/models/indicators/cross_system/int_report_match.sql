-- Grain: one encounter, examination or laboratory item and month in which it was billed.
-- Rule: lines beside reports of the same item and encounter that were out from a day before the first line until the
-- limit of its kind after the last one (imaging 3 days, laboratory 7, pathology 14). A report stands for a line, however
-- many parts or pieces that has. `registered_count` is reports that are not out,
-- `early_count` those that were out before. The item's share of lines with any report
-- over the year tells whether its reports are kept here at all.
-- Source: core.fct_fee_line, core.fct_report, ref.code_label (report_category).
with categories as (
    select
        code as item_category,
        category as report_kind
    from {{ ref('code_label') }}
    where code_set = 'report_category'
),

billed as (
    select
        lines.org_code,
        lines.encounter_type,
        lines.encounter_id,
        lines.item_code,
        lines.service_month,
        min(categories.report_kind) as category_kind,
        count(*) as line_count,
        min(lines.fee_time) as first_time,
        max(lines.fee_time) as last_time
    from {{ ref('fct_fee_line') }} as lines
    inner join categories on categories.item_category = lines.item_category
    where lines.item_kind = 'service'
    group by lines.org_code, lines.encounter_type, lines.encounter_id, lines.item_code, lines.service_month
),

reports as (
    select
        org_code,
        encounter_type,
        encounter_id,
        item_code,
        report_kind,
        report_time
    from {{ ref('fct_report') }}
    where coalesce(status, 'reported') <> 'cancelled'
),

item_kinds as (
    select
        org_code,
        item_code,
        min(report_kind) as report_kind
    from reports
    group by org_code, item_code
),

limited as (
    select
        billed.*,
        case coalesce(item_kinds.report_kind, billed.category_kind)
            when 'lab' then lab.value
            when 'pathology' then pathology.value
            else imaging.value
        end as limit_days
    from billed
    left join item_kinds
        on
            item_kinds.org_code = billed.org_code
            and item_kinds.item_code = billed.item_code
    {{ threshold_join('lab', 'XS07', 'lab_days', 'billed.org_code', 'billed.service_month') }}
    {{ threshold_join('pathology', 'XS07', 'pathology_days', 'billed.org_code', 'billed.service_month') }}
    {{ threshold_join('imaging', 'XS07', 'imaging_days', 'billed.org_code', 'billed.service_month') }}
),

matched as (
    select
        limited.org_code,
        limited.encounter_type,
        limited.encounter_id,
        limited.item_code,
        limited.service_month,
        limited.line_count,
        limited.last_time,
        limited.limit_days,
        count(reports.item_code) as any_count,
        sum(
            case
                when
                    {{ days_between('limited.first_time', 'reports.report_time') }} >= -1
                    and {{ days_between('limited.last_time', 'reports.report_time') }} <= limited.limit_days
                    then 1
                else 0
            end
        ) as report_count,
        sum(case when {{ days_between('limited.first_time', 'reports.report_time') }} < -1 then 1 else 0 end) as early_count,
        sum(case when reports.item_code is not null and reports.report_time is null then 1 else 0 end)
            as registered_count
    from limited
    left join reports
        on
            reports.org_code = limited.org_code
            and reports.encounter_type = limited.encounter_type
            and reports.encounter_id = limited.encounter_id
            and reports.item_code = limited.item_code
    group by
        limited.org_code, limited.encounter_type, limited.encounter_id, limited.item_code, limited.service_month,
        limited.line_count, limited.last_time, limited.limit_days
),

shares as (
    select
        org_code,
        item_code,
        cast(date_trunc('year', service_month) as date) as year_start,
        cast(sum(least(any_count, line_count)) as numeric(18, 4)) / sum(line_count) as item_share
    from matched
    group by org_code, item_code, cast(date_trunc('year', service_month) as date)
),

with_share as (
    select
        matched.org_code,
        matched.encounter_type,
        matched.encounter_id,
        matched.item_code,
        matched.service_month,
        cast(matched.line_count as integer) as line_count,
        cast(matched.report_count as integer) as report_count,
        cast(matched.early_count as integer) as early_count,
        cast(matched.registered_count as integer) as registered_count,
        matched.last_time,
        cast(matched.limit_days as integer) as limit_days,
        cast(shares.item_share as numeric(9, 8)) as item_share
    from matched
    inner join shares
        on
            shares.org_code = matched.org_code
            and shares.item_code = matched.item_code
            and shares.year_start = cast(date_trunc('year', matched.service_month) as date)
)

select * from with_share
