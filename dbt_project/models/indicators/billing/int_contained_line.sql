-- Grain: one fee line whose item a rule in force calls contained in another, and its quantity that a billing
-- of the containing item inside the rule's window covers.
-- Rule: the window is the same day, the same encounter, or so many hours before or after. Where
-- several pairs hold, the one with the largest quantity of the containing item counts. What earlier
-- lines of the contained item have used up of that quantity is not there for later ones; units that
-- differ cannot be offset, the whole line counts.
-- Source: core.fct_fee_line, core.dim_mutex_pair.
with pairs as (
    select * from {{ ref('dim_mutex_pair') }}
),

containing_items as (
    select distinct code_a from pairs
),

containing as (
    select
        fee_lines.org_code,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.med_list_codg,
        fee_lines.fee_time,
        fee_lines.service_date,
        fee_lines.unit,
        fee_lines.dept_code,
        fee_lines.net_qty
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join containing_items on fee_lines.med_list_codg = containing_items.code_a
),

-- Elsewhere nothing is contained.
encounters as (
    select distinct
        org_code,
        encounter_type,
        encounter_id,
        med_list_codg
    from containing
),

contained as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        fee_lines.fee_time,
        fee_lines.service_date,
        fee_lines.unit,
        fee_lines.dept_code,
        fee_lines.net_qty,
        pairs.code_a,
        pairs.window_kind,
        sum(fee_lines.net_qty) over (
            partition by
                fee_lines.org_code,
                fee_lines.encounter_type,
                fee_lines.encounter_id,
                pairs.org_code,
                pairs.rule_set,
                pairs.code_a,
                pairs.code_b,
                case when pairs.window_kind <> 'encounter' then fee_lines.service_date end
            order by fee_lines.fee_time, fee_lines.fee_id
            rows between unbounded preceding and current row
        ) - fee_lines.net_qty as earlier_qty
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join pairs
        on
            fee_lines.med_list_codg = pairs.code_b
            and fee_lines.service_date between pairs.valid_from and pairs.valid_to
            and (pairs.org_code = '*' or fee_lines.org_code = pairs.org_code)
    inner join encounters
        on
            fee_lines.org_code = encounters.org_code
            and fee_lines.encounter_type = encounters.encounter_type
            and fee_lines.encounter_id = encounters.encounter_id
            and pairs.code_a = encounters.med_list_codg
),

matched as (
    select
        contained.org_code,
        contained.fee_id,
        contained.code_a,
        contained.window_kind,
        contained.net_qty,
        contained.earlier_qty,
        sum(containing.net_qty) as containing_qty,
        min(case when containing.unit = contained.unit then 1 else 0 end) as units_agree,
        max(case when containing.dept_code = contained.dept_code then 1 else 0 end) as departments_agree
    from contained
    inner join containing
        on
            contained.org_code = containing.org_code
            and contained.encounter_type = containing.encounter_type
            and contained.encounter_id = containing.encounter_id
            and contained.code_a = containing.med_list_codg
            and (
                contained.window_kind = 'encounter'
                or (contained.window_kind = 'day' and contained.service_date = containing.service_date)
                or (
                    contained.window_kind in ('hours_6', 'hour_1')
                    and containing.fee_time between
                    {{ add_hours('contained.fee_time', "case contained.window_kind when 'hour_1' then -1 else -6 end") }}
                    and {{ add_hours('contained.fee_time', "case contained.window_kind when 'hour_1' then 1 else 6 end") }}
                )
            )
    group by
        contained.org_code,
        contained.fee_id,
        contained.code_a,
        contained.window_kind,
        contained.net_qty,
        contained.earlier_qty
),

counted as (
    select
        org_code,
        fee_id,
        window_kind,
        case
            when units_agree = 0 then net_qty
            else greatest(0, least(net_qty, containing_qty - earlier_qty))
        end as contained_qty,
        departments_agree = 1 as same_department
    from matched
),

ranked as (
    select
        counted.*,
        row_number() over (partition by org_code, fee_id order by contained_qty desc, window_kind) as place
    from counted
),

strongest as (
    select
        org_code,
        fee_id,
        window_kind,
        cast(contained_qty as numeric(18, 4)) as contained_qty,
        same_department
    from ranked
    where place = 1 and contained_qty > 0
)

select * from strongest
