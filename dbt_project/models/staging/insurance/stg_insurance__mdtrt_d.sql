-- Grain: one insured encounter. Source: land.yb_mdtrt_d.
with latest as (
    {{ latest_version('yb_mdtrt_d', ['mdtrt_id']) }}
),

typed as (
    select
        org_code,
        mdtrt_id,
        psn_key,
        nullif(trim(gend), '') as gend,
        brdy,
        nullif(trim(insutype), '') as insutype,
        nullif(trim(hosp_lv), '') as hosp_lv,
        begntime,
        endtime,
        med_type,
        adm_dept_codg,
        adm_dept_name,
        dscg_dept_codg,
        nullif(trim(dscg_maindiag_code), '') as dscg_maindiag_code,
        dscg_way,
        chfpdr_code,
        nullif(trim(refl_old_mdtrt_id), '') as refl_old_mdtrt_id,
        vali_flag,
        _batch_id as batch_id
    from latest
)

select * from typed
