-- Grain: one fee line whose item has a frequency limit in force, with its part beyond the limit.
-- Rule: the person's quantity of the item is summed up to the line inside the window of the limit: the
-- calendar day, the encounter, the 24 hours or the so many days that end with the line. What earlier
-- lines exceed is theirs. Where several limits hold, the one with the largest excess counts.
-- Source: core.fct_fee_line, core.dim_frequency_limit.
with limits as (
    select * from {{ ref('dim_frequency_limit') }}
),

limited_items as (
    select distinct med_list_codg from limits
),

-- Only lines of limited items can fill a window.
fee_lines as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_type,
        fee_lines.encounter_id,
        coalesce(fee_lines.patient_id, fee_lines.encounter_id) as person_id,
        fee_lines.med_list_codg,
        fee_lines.fee_time,
        fee_lines.service_date,
        fee_lines.unit,
        fee_lines.dept_code,
        fee_lines.net_qty
    from {{ ref('fct_fee_line') }} as fee_lines
    inner join limited_items on fee_lines.med_list_codg = limited_items.med_list_codg
),

limited as (
    select
        fee_lines.*,
        limits.window_kind,
        limits.window_len,
        limits.max_qty,
        limits.unit as limit_unit
    from fee_lines
    inner join limits
        on
            fee_lines.med_list_codg = limits.med_list_codg
            and fee_lines.service_date between limits.valid_from and limits.valid_to
            and (limits.org_code = '*' or fee_lines.org_code = limits.org_code)
),

summed as (
    select
        limited.org_code,
        limited.fee_id,
        limited.window_kind,
        limited.max_qty,
        limited.net_qty,
        coalesce(limited.limit_unit <> limited.unit, false) as unit_differs,
        sum(earlier.net_qty) as window_qty,
        max(case when earlier.dept_code <> limited.dept_code then 1 else 0 end) = 1 as other_department
    from limited
    inner join fee_lines as earlier
        on
            limited.org_code = earlier.org_code
            and limited.person_id = earlier.person_id
            and limited.med_list_codg = earlier.med_list_codg
            and (
                earlier.fee_time < limited.fee_time
                or (earlier.fee_time = limited.fee_time and earlier.fee_id <= limited.fee_id)
            )
            and case limited.window_kind
                when 'day' then limited.service_date = earlier.service_date
                when
                    'encounter'
                    then
                        limited.encounter_type = earlier.encounter_type
                        and limited.encounter_id = earlier.encounter_id
                when 'hours_24' then earlier.fee_time > {{ add_hours('limited.fee_time', '-24') }}
                when
                    'days_n'
                    then {{ days_between('earlier.service_date', 'limited.service_date') }} < limited.window_len
            end
    group by
        limited.org_code,
        limited.fee_id,
        limited.window_kind,
        limited.max_qty,
        limited.net_qty,
        limited.limit_unit,
        limited.unit
),

ranked as (
    select
        org_code,
        fee_id,
        window_kind,
        max_qty,
        unit_differs,
        other_department,
        cast(greatest(0, least(net_qty, window_qty - max_qty)) as numeric(18, 4)) as excess_qty,
        row_number() over (
            partition by org_code, fee_id
            order by greatest(0, least(net_qty, window_qty - max_qty)) desc, window_kind, max_qty
        ) as place
    from summed
),

strongest as (
    select
        org_code,
        fee_id,
        window_kind,
        max_qty,
        unit_differs,
        other_department,
        excess_qty
    from ranked
    where place = 1
)

select * from strongest
