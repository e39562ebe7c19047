-- What the rows behind a lead show gives its value: their sum, or what the indicator's metadata says
-- instead (evidence_gives). Tolerance: half a unit of the last of the value's four digits, and as much for
-- the rounding of the rows.
with measures as (
    {%- for meta in indicator_metadata() %}
    select
        '{{ meta.indicator_id }}' as indicator_id,
        '{{ meta.get("evidence_gives", "sum") }}' as evidence_gives
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        null as indicator_id,
        null as evidence_gives
    where 1 = 0
    {%- endfor %}
),

sums as (
    select
        lead_id,
        sum(indicator_value) as value_sum,
        max(indicator_value) as value_max
    from {{ ref('lead_evidence') }}
    group by lead_id
),

shown as (
    select
        leads.lead_id,
        leads.value,
        case measures.evidence_gives
            when 'sum' then sums.value_sum
            when 'largest' then sums.value_max
            when 'complement' then 1 - sums.value_sum
        end as evidence_value
    from {{ ref('lead') }} as leads
    inner join measures on leads.indicator_id = measures.indicator_id
    left join sums on leads.lead_id = sums.lead_id
    where leads.is_active
)

select * from shown
where evidence_value is null or abs(evidence_value - value) > 0.0001
