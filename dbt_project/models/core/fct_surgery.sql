-- Grain: one procedure of an inpatient stay that was not cancelled.
-- Rule: the class of incision as ref.code_label (set incision_class) reads what the product writes, null otherwise.
with procedures as (
    select * from {{ ref('stg_his__surgery') }}
    where adm_id is not null and coalesce(status, 'done') <> 'cancelled'
),

classes as (
    select * from {{ ref('code_label') }}
    where code_set = 'incision_class'
),

described as (
    select
        procedures.org_code,
        procedures.surgery_id,
        procedures.adm_id,
        procedures.icd9cm3,
        classes.category as incision_class,
        procedures.approach,
        procedures.start_time,
        procedures.end_time,
        procedures.anes_start,
        procedures.anes_end,
        procedures.batch_id
    from procedures
    left join classes on procedures.incision_class = classes.code
)

select * from described
