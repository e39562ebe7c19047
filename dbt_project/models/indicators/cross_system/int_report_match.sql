-- Grain: one encounter, examination or laboratory item and month in which it was billed.
-- Rule: lines beside reports of the same item and encounter that were out from a day before the first line until the
-- limit of their kind after the last one (imaging 3 days, laboratory 7, pathology 14). A report stands for a line, however
-- many parts or pieces that has; where an item has reports of several kinds, a line has one of each, and the kind with most
-- counts. `registered_count` is reports that are not out, `early_count` those that were out before, beyond what counts.
-- `kept_share` tells whether reports are kept here at all: of an item whose specimen can be sent out (laboratory, pathology,
-- here or at another hospital) its share of lines with any report over the year; of other examinations, which are done where
-- they are billed, the share of them all.
-- Source: core.fct_fee_line, core.fct_report, core.dim_item, ref.code_label (report_category).
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

own_kinds as (
    select
        org_code,
        item_code,
        max(case when report_kind = 'lab' then 1 else 0 end) as has_lab,
        max(case when report_kind = 'pathology' then 1 else 0 end) as has_pathology,
        max(case when report_kind not in ('lab', 'pathology') then 1 else 0 end) as has_imaging
    from reports
    group by org_code, item_code
),

services as (
    select * from {{ ref('dim_item') }}
    where item_kind = 'service'
),

-- What an item is where it is reported tells what it is where it is not.
national_kinds as (
    select
        services.med_list_codg,
        max(own_kinds.has_lab) as has_lab,
        max(own_kinds.has_pathology) as has_pathology,
        max(own_kinds.has_imaging) as has_imaging
    from own_kinds
    inner join services
        on
            services.org_code = own_kinds.org_code
            and services.item_code = own_kinds.item_code
    where services.med_list_codg is not null
    group by services.med_list_codg
),

billed_items as (
    select
        org_code,
        item_code,
        min(category_kind) as category_kind
    from billed
    group by org_code, item_code
),

item_kinds as (
    select
        billed_items.org_code,
        billed_items.item_code,
        coalesce(
            own_kinds.has_lab, national_kinds.has_lab, case when billed_items.category_kind = 'lab' then 1 else 0 end
        ) as has_lab,
        coalesce(
            own_kinds.has_pathology,
            national_kinds.has_pathology,
            case when billed_items.category_kind = 'pathology' then 1 else 0 end
        ) as has_pathology,
        coalesce(
            own_kinds.has_imaging,
            national_kinds.has_imaging,
            case when billed_items.category_kind in ('lab', 'pathology') then 0 else 1 end
        ) as has_imaging
    from billed_items
    left join own_kinds
        on
            own_kinds.org_code = billed_items.org_code
            and own_kinds.item_code = billed_items.item_code
    left join services
        on
            services.org_code = billed_items.org_code
            and services.item_code = billed_items.item_code
    left join national_kinds on national_kinds.med_list_codg = services.med_list_codg
),

limited as (
    select
        billed.*,
        item_kinds.has_lab = 1 or item_kinds.has_pathology = 1 as is_specimen,
        lab.value as lab_days,
        pathology.value as pathology_days,
        imaging.value as imaging_days,
        greatest(
            case when item_kinds.has_lab = 1 then lab.value else 0 end,
            case when item_kinds.has_pathology = 1 then pathology.value else 0 end,
            case when item_kinds.has_imaging = 1 then imaging.value else 0 end
        ) as limit_days
    from billed
    inner join item_kinds
        on
            item_kinds.org_code = billed.org_code
            and item_kinds.item_code = billed.item_code
    {{ threshold_join('lab', 'XS07', 'lab_days', 'billed.org_code', 'billed.service_month') }}
    {{ threshold_join('pathology', 'XS07', 'pathology_days', 'billed.org_code', 'billed.service_month') }}
    {{ threshold_join('imaging', 'XS07', 'imaging_days', 'billed.org_code', 'billed.service_month') }}
),

kind_counts as (
    select
        limited.org_code,
        limited.encounter_type,
        limited.encounter_id,
        limited.item_code,
        limited.service_month,
        limited.is_specimen,
        limited.line_count,
        limited.last_time,
        limited.limit_days,
        reports.report_kind,
        count(reports.item_code) as any_count,
        sum(
            case
                when
                    {{ days_between('limited.first_time', 'reports.report_time') }} >= -1
                    and {{ days_between('limited.last_time', 'reports.report_time') }}
                    <= case reports.report_kind
                        when 'lab' then limited.lab_days
                        when 'pathology' then limited.pathology_days
                        else limited.imaging_days
                    end
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
        limited.is_specimen, limited.line_count, limited.last_time, limited.limit_days, reports.report_kind
),

matched as (
    select
        org_code,
        encounter_type,
        encounter_id,
        item_code,
        service_month,
        is_specimen,
        line_count,
        last_time,
        limit_days,
        max(any_count) as any_count,
        max(report_count) as report_count,
        max(report_count + early_count) - max(report_count) as early_count,
        max(report_count + registered_count) - max(report_count) as registered_count
    from kind_counts
    group by
        org_code, encounter_type, encounter_id, item_code, service_month, is_specimen, line_count, last_time, limit_days
),

shares as (
    select
        org_code,
        case when is_specimen then item_code else '' end as share_of,
        cast(date_trunc('year', service_month) as date) as year_start,
        cast(sum(least(any_count, line_count)) as numeric(18, 4)) / sum(line_count) as kept_share
    from matched
    group by
        org_code, case when is_specimen then item_code else '' end, cast(date_trunc('year', service_month) as date)
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
        cast(shares.kept_share as numeric(9, 8)) as kept_share
    from matched
    inner join shares
        on
            shares.org_code = matched.org_code
            and shares.share_of = case when matched.is_specimen then matched.item_code else '' end
            and shares.year_start = cast(date_trunc('year', matched.service_month) as date)
)

select * from with_share
