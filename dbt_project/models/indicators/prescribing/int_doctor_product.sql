-- Grain: one organisation, doctor, quarter and product (generic name and maker) that the doctor prescribed.
-- Rule: quantities in smallest units of valid prescriptions; the class is the hospital's, else the first five
-- characters of the ATC code. first_* are those of patients who had not had the product at the hospital before
-- the quarter. A prescription with two products of a class counts twice among those of the class.
-- Source: core.fct_prescription_line, core.dim_doctor, core.dim_organisation.
with lines as (
    select
        org_code,
        rx_id,
        patient_id,
        doctor_code,
        rx_month,
        cast(date_trunc('quarter', rx_month) as date) as quarter_start,
        coalesce(pharm_class, left(atc_code, 5)) as pharm_class,
        {{ product_key() }} as product,
        qty_min_unit
    from {{ ref('fct_prescription_line') }}
    where
        drug_class in ('western', 'patent_tcm', 'preparation')
        and not is_self_provided and not coalesce(is_solvent, false) and qty_min_unit > 0
),

dated as (
    select
        lines.*,
        min(quarter_start) over (partition by org_code, patient_id, product) as first_quarter,
        min(rx_month) over (partition by org_code, product) as first_month
    from lines
    where pharm_class is not null
),

own as (
    select
        org_code,
        doctor_code,
        quarter_start,
        pharm_class,
        product,
        min(first_month) as first_month,
        sum(qty_min_unit) as qty,
        count(distinct rx_id) as prescriptions,
        count(distinct patient_id) as patients,
        count(distinct rx_month) as months,
        sum(case when first_quarter = quarter_start then qty_min_unit else 0 end) as first_qty
    from dated
    group by org_code, doctor_code, quarter_start, pharm_class, product
),

totalled as (
    select
        own.*,
        sum(qty) over of_doctor as class_qty,
        sum(prescriptions) over of_doctor as class_prescriptions,
        sum(first_qty) over of_doctor as first_class_qty,
        sum(qty) over (partition by org_code, quarter_start, pharm_class, product) as hospital_qty,
        dense_rank() over (partition by org_code, quarter_start, pharm_class order by doctor_code)
        + dense_rank() over (partition by org_code, quarter_start, pharm_class order by doctor_code desc)
        - 1 as class_doctors
    from own
    window of_doctor as (partition by org_code, doctor_code, quarter_start, pharm_class)
),

described as (
    select
        totalled.org_code,
        totalled.doctor_code,
        totalled.quarter_start,
        totalled.pharm_class,
        totalled.product,
        doctors.dept_code,
        doctors.std_dept_code,
        doctors.discipline_group,
        organisations.level_group,
        organisations.org_type,
        totalled.first_month,
        cast(totalled.class_doctors as integer) as class_doctors,
        cast(totalled.class_prescriptions as integer) as class_prescriptions,
        cast(totalled.prescriptions as integer) as prescriptions,
        cast(totalled.patients as integer) as patients,
        cast(totalled.months as integer) as months,
        cast(totalled.qty as numeric(18, 4)) as qty,
        cast(totalled.class_qty as numeric(18, 4)) as class_qty,
        cast(totalled.qty / totalled.class_qty as numeric(18, 8)) as class_share,
        cast(totalled.qty / totalled.hospital_qty as numeric(18, 8)) as hospital_share,
        cast(totalled.first_qty / nullif(totalled.first_class_qty, 0) as numeric(18, 8)) as first_share
    from totalled
    inner join {{ ref('dim_organisation') }} as organisations on organisations.org_code = totalled.org_code
    left join {{ ref('dim_doctor') }} as doctors
        on
            doctors.org_code = totalled.org_code
            and doctors.doctor_code = totalled.doctor_code
)

select * from described
