-- Grain: one table of reference data, organisation and fate of the rows that are present.
-- Rule: each row, the last version of a key that is there now, is due in core or left out for a reason that
-- core_of_landing() states; what is due is judged here from staging. in_core is what core has. Key numbers sum to the
-- same where the keys are the same, whatever their order.
-- Source: staging, core.
with judged as (
    {{ row_fates(core_of_landing()['reference']) }}
),

fates as (
    {{ fates_counted('judged') }}
)

select * from fates
