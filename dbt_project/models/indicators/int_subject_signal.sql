-- Grain: one measure of a doctor, department or hospital that could be compared with its peers.
-- Rule: the narrowest group with enough members. A share deviates by arc sines of square roots from that of the
-- others together, half a case added to theirs, since none among few does not mean never. Tests deviate by the cube
-- root of the mean of -ln p (2 sum -ln p is chi-squared, Fisher 1932; its cube root is normal, Wilson and Hilferty
-- 1931) from the others' mean, one test at 1 added, or from 1 where theirs is below. z is over the error and the
-- spread of the peers: tau squared is the method-of-moments variance after winsorising at the first and last decile
-- (Spiegelhalter 2005), so that what all differ in is no finding on one, and size alone none on anybody.
-- Source: int_subject_measure, peers.peer_subject.
with measures as (
    select * from {{ ref('int_subject_measure') }}
    where has_volume
),

-- One key for all that the groups are formed by: joins over six columns are planned as nested loops.
members as (
    select
        measures.*,
        peers.rung,
        peers.peer_group,
        measures.entity_type || '|' || measures.indicator_id || '|' || measures.subject_type || '|' || measures.form
        || '|' || {{ as_text('peers.rung') }} || '|' || peers.peer_group as group_key
    from measures
    inner join {{ ref('peer_subject') }} as peers
        on
            measures.entity_type = peers.entity_type
            and measures.org_code = peers.org_code
            and measures.entity_id = peers.entity_id
),

totalled as (
    select
        members.*,
        count(*) over (partition by group_key) as peer_n,
        sum(n) over (partition by group_key) - n as others_n,
        sum(total) over (partition by group_key) - total as others_total
    from members
),

compared as (
    select
        totalled.*,
        case form
            when 'fired_share' then {{ as_double('others_total + 0.5') }} / {{ as_double('others_n + 1') }}
            else greatest({{ as_double('others_total + 1') }} / {{ as_double('others_n + 1') }}, 1.0)
        end as expected
    from totalled
    where
        peer_n >= {{ subject_parameter('min_peers') }}
        or (rung = 3 and peer_n >= {{ subject_parameter('min_peers_all') }})
),

deviations as (
    select
        compared.*,
        case form
            when 'fired_share'
                then asin(sqrt({{ as_double('total') }} / n)) - asin(sqrt(expected))
            else power({{ as_double('total') }} / n / expected, 1.0 / 3.0) - (1.0 - 1.0 / (9.0 * n))
        end as deviation,
        case form
            when 'fired_share' then 1.0 / (2.0 * sqrt({{ as_double('n') }}))
            else 1.0 / (3.0 * sqrt({{ as_double('n') }}))
        end as standard_error
    from compared
),

fences as (
    select
        group_key,
        percentile_cont(0.1) within group (order by deviation / standard_error) as low,
        percentile_cont(0.9) within group (order by deviation / standard_error) as high
    from deviations
    group by group_key
),

-- Decimals, so that a sum does not depend on the order of its rows.
weighed as (
    select
        deviations.*,
        cast(
            power(least(greatest(deviations.deviation / deviations.standard_error, fences.low), fences.high), 2)
            as numeric(18, 6)
        ) as z_squared,
        cast(1.0 / (deviations.standard_error * deviations.standard_error) as numeric(18, 4)) as weight
    from deviations
    inner join fences on deviations.group_key = fences.group_key
),

moments as (
    select
        weighed.*,
        sum(z_squared) over (partition by group_key) - (peer_n - 1) as excess,
        sum(weight) over (partition by group_key)
        - sum(weight * weight) over (partition by group_key) / sum(weight) over (partition by group_key) as total_weight
    from weighed
),

scored as (
    select
        moments.*,
        cast(total / n as numeric(18, 6)) as value,
        cast(
            deviation / sqrt(
                standard_error * standard_error
                + greatest({{ as_double('excess') }} / nullif({{ as_double('total_weight') }}, 0.0), 0.0)
            ) as numeric(18, 4)
        ) as z,
        row_number() over (
            partition by entity_type, org_code, entity_id, indicator_id, subject_type, form
            order by rung
        ) as place
    from moments
),

signals as (
    select
        entity_type,
        org_code,
        entity_id,
        indicator_id,
        subject_type,
        form,
        peer_group,
        peer_n,
        n,
        value,
        cast(expected as numeric(18, 6)) as expected,
        z
    from scored
    where place = 1
)

select * from signals
