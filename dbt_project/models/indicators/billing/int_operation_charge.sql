-- Grain: one net fee line for an operation of an inpatient, among those of its stay.
-- Rule: operations are the services whose national code begins as ref.code_label (set operation_code) says; its
-- category other takes out anaesthesia. One session is what one anaesthesia covers: it ends where no later
-- operation of the stay begins under anaesthesia before all earlier ones ended. The full price is that of
-- the hospital's price list or, where it was dearer, the highest of the month, so that a price lowered
-- since is no excess. Places count from the dearest.
-- Source: core.fct_fee_line, core.fct_surgery, core.fct_ward_stay, core.dim_item.
with operation_codes as (
    select
        code,
        category
    from {{ ref('code_label') }}
    where code_set = 'operation_code'
),

operation_items as (
    select
        items.org_code,
        items.item_code,
        items.charge_price
    from {{ ref('dim_item') }} as items
    inner join operation_codes on items.med_list_codg like operation_codes.code || '%'
    where items.item_kind = 'service'
    group by items.org_code, items.item_code, items.charge_price
    having sum(case when operation_codes.category = 'other' then 1 else 0 end) = 0
),

surgeries as (
    select * from {{ ref('fct_surgery') }}
),

ward_stays as (
    select * from {{ ref('fct_ward_stay') }}
),

charges as (
    select
        fee_lines.org_code,
        fee_lines.fee_id,
        fee_lines.encounter_id as adm_id,
        coalesce(ward_stays.hi_mdtrt_id, fee_lines.encounter_id) as subject_id,
        ward_stays.dept_code,
        fee_lines.service_month,
        fee_lines.service_date,
        fee_lines.med_list_codg,
        fee_lines.item_code,
        fee_lines.net_qty,
        fee_lines.net_amount,
        surgeries.surgery_id,
        surgeries.approach,
        coalesce(surgeries.anes_start, surgeries.start_time) as begin_time,
        coalesce(surgeries.anes_end, surgeries.end_time, surgeries.start_time) as end_time,
        greatest(
            operation_items.charge_price,
            max(fee_lines.unit_price) over (
                partition by fee_lines.org_code, fee_lines.item_code, fee_lines.service_month
            )
        ) as full_price
    from {{ ref('fct_fee_line') }} as fee_lines
    -- One key of one column: by the index of organisations all lines would be read once for each item.
    inner join operation_items
        on fee_lines.org_code || '|' || fee_lines.item_code = operation_items.org_code || '|' || operation_items.item_code
    inner join ward_stays
        on
            fee_lines.org_code = ward_stays.org_code
            and fee_lines.encounter_id = ward_stays.adm_id
    left join surgeries
        on
            fee_lines.org_code = surgeries.org_code
            and fee_lines.surgery_id = surgeries.surgery_id
    where fee_lines.encounter_type = 'I' and fee_lines.item_kind = 'service'
),

begun as (
    select
        charges.*,
        max(end_time) over (
            partition by org_code, adm_id
            order by begin_time, fee_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_end
    from charges
),

sessions as (
    select
        begun.*,
        case
            when begin_time is not null
                then
                    sum(case when begin_time <= earlier_end then 0 else 1 end) over (
                        partition by org_code, adm_id
                        order by begin_time, fee_id
                        rows between unbounded preceding and current row
                    )
        end as session_no
    from begun
),

placed as (
    select
        org_code,
        fee_id,
        adm_id,
        subject_id,
        dept_code,
        service_month,
        service_date,
        med_list_codg,
        item_code,
        net_qty,
        net_amount,
        surgery_id,
        approach,
        session_no,
        cast(full_price as numeric(18, 6)) as full_price,
        count(*) over (partition by org_code, adm_id) as stay_charges,
        row_number() over (partition by org_code, adm_id order by full_price desc, fee_id) as place_in_stay,
        row_number() over (
            partition by org_code, adm_id, session_no
            order by full_price desc, fee_id
        ) as place_in_session
    from sessions
)

select * from placed
