-- Rule: over all months, what is present in landing equals core and what was set aside, to the cent.
with totals as (
    select
        table_name,
        org_code,
        sum(case when stage = 'present' then amount else 0 end) as present_amount,
        sum(case when stage in ('core', 'set_aside') then amount else 0 end) as core_amount
    from {{ ref('control_total') }}
    group by table_name, org_code
)

select * from totals
where present_amount <> core_amount
