-- Two rows of one threshold and scope that hold on the same day, or a row that ends before it begins: the value of a
-- month would hang on which of them is taken.
with thresholds as (
    select
        indicator_id,
        param,
        scope,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('threshold') }}
)

select
    earlier.indicator_id,
    earlier.param,
    earlier.scope,
    earlier.valid_from,
    earlier.valid_to,
    later.valid_from as next_valid_from
from thresholds as earlier
left join thresholds as later
    on
        earlier.indicator_id = later.indicator_id
        and earlier.param = later.param
        and earlier.scope = later.scope
        and earlier.valid_from < later.valid_from
        and earlier.valid_to >= later.valid_from
where later.valid_from is not null or earlier.valid_to < earlier.valid_from
