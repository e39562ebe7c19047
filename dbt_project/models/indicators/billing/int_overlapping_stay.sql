-- Grain: one insured stay and another stay of the same person that it overlaps.
-- Rule: stays overlap by whole days: admission on the day on which the other one ends is a transfer.
-- Inside one hospital the later stay is the finding, between two hospitals each one's own. A stay that
-- begins while an earlier one has no end yet cannot be judged.
-- Source: core.fct_stay.
with stays as (
    select * from {{ ref('fct_stay') }}
    where psn_key is not null
),

pairs as (
    select
        stays.org_code,
        stays.mdtrt_id,
        stays.begin_month,
        stays.begin_date,
        coalesce(stays.end_date, other.end_date) as end_date,
        stays.amount,
        stays.fund_amount,
        other.org_code as other_org_code,
        other.mdtrt_id as other_mdtrt_id,
        other.begin_date as other_begin_date,
        other.end_date as other_end_date,
        coalesce(
            stays.referred_from_mdtrt_id = other.mdtrt_id or other.referred_from_mdtrt_id = stays.mdtrt_id, false
        ) as is_referral
    from stays
    inner join stays as other
        on
            stays.psn_key = other.psn_key
            and stays.mdtrt_id <> other.mdtrt_id
    where
        (stays.end_date is null or other.begin_date < stays.end_date)
        and (other.end_date is null or stays.begin_date < other.end_date)
        and (
            stays.org_code <> other.org_code
            or other.begin_date < stays.begin_date
            or (other.begin_date = stays.begin_date and other.mdtrt_id < stays.mdtrt_id)
        )
),

measured as (
    select
        pairs.*,
        greatest(
            1,
            {{ days_between(
                'greatest(begin_date, other_begin_date)', 'least(end_date, coalesce(other_end_date, end_date))'
            ) }}
        ) as overlap_days,
        greatest(1, {{ days_between('begin_date', 'end_date') }}) as stay_days
    from pairs
),

judged as (
    select
        org_code,
        mdtrt_id,
        begin_month,
        other_org_code,
        other_mdtrt_id,
        cast(overlap_days as integer) as overlap_days,
        cast(amount * least(1, cast(overlap_days as numeric(9, 2)) / stay_days) as numeric(18, 2)) as overlap_amount,
        cast(fund_amount * least(1, cast(overlap_days as numeric(9, 2)) / stay_days) as numeric(18, 2))
            as overlap_fund_amount,
        case
            when other_end_date is null and other_begin_date <= begin_date then 'missing_discharge_date'
            when is_referral then 'transfer'
            else 'fired'
        end as verdict
    from measured
)

select * from judged
