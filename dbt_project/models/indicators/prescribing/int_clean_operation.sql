-- Grain: one ended stay with a clean operation (class of incision 1): its first one.
-- Rule: the window in which a first dose is prophylaxis (RX05.prophylaxis_window hours before the beginning and
-- after the end), and when prophylaxis should have ended: usual_end, and own_end where operations of the kind
-- (ref.code_label, long_prophylaxis_operation) may have it for longer.
-- Source: core.fct_surgery, core.fct_ward_stay.
with operations as (
    select * from {{ ref('fct_surgery') }}
    where incision_class = '1' and start_time is not null and end_time is not null
),

stays as (
    select * from {{ ref('fct_ward_stay') }}
    where dscg_month is not null
),

kinds as (
    select
        code as icd_prefix,
        category as kind
    from {{ ref('code_label') }}
    where code_set = 'long_prophylaxis_operation'
),

ranked as (
    select
        stays.org_code,
        stays.adm_id,
        stays.dept_code,
        stays.dscg_month,
        coalesce(kinds.kind, '') as kind,
        operations.start_time,
        operations.end_time,
        row_number() over (
            partition by operations.org_code, operations.adm_id order by operations.start_time, operations.surgery_id
        ) as place
    from operations
    inner join stays
        on
            stays.org_code = operations.org_code
            and stays.adm_id = operations.adm_id
    left join kinds on operations.icd9cm3 like kinds.icd_prefix || '%'
),

timed as (
    select
        ranked.org_code,
        ranked.adm_id,
        ranked.dept_code,
        ranked.dscg_month,
        {{ add_hours('ranked.start_time', '-1 * spans.value') }} as window_start,
        {{ add_hours('ranked.end_time', 'spans.value') }} as window_end,
        {{ add_hours('ranked.end_time', 'hours.value') }} as usual_end,
        {{ add_hours('ranked.end_time', 'coalesce(own_hours.value, hours.value)') }} as own_end
    from ranked
    {{ threshold_join('spans', 'RX05', 'prophylaxis_window', 'ranked.org_code', 'ranked.dscg_month') }}
    {{ threshold_join('hours', 'RX05', 'class1_prophylaxis_hours', 'ranked.org_code', 'ranked.dscg_month') }}
    {{
        threshold_join(
            'own_hours', 'RX05', 'class1_prophylaxis_hours', 'ranked.org_code', 'ranked.dscg_month',
            qualifier_sql='ranked.kind',
        )
    }}
    where ranked.place = 1
)

select * from timed
