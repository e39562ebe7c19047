{#- What a hospital is held against its group in: code, name, unit, SQL number, whether leads of all families add to it. -#}
{%- set measures = [
    ('score', '得分', '分', 'score', '1 = 1'),
    ('lead_count', '线索数', '条', 'lead_count', '1 = 1'),
    ('red_count', '红色线索数', '条', 'red_count', '1 = 1'),
    ('risk_gross', '涉及金额', '万元', 'risk_gross / 10000', '1 = 1'),
    ('risk_share', '每百元净收费涉及金额', '元', 'case when amount > 0 then 100 * risk_gross / amount end', '1 = 1'),
    ('coverage', '覆盖率', '%', '100 * coverage_ratio', '1 = 1'),
    ('quality', '数据质量检查通过率', '%', '100 * quality_share', '0 = 1'),
] -%}

-- Grain: one hospital and one measure by which it is compared with the hospitals of the group that its score is ranked in.
-- Rule: the median is that of the other hospitals with a value, and stands only where at least min_peers of them
-- have one; no other hospital is named, so that a hospital may see its own place. A value that cannot be computed is
-- null with its reason, never a zero. Source: subject_score, entity_risk_month, quality_scorecard.
with coverage as (
    select
        org_code,
        avg(coverage_ratio) as coverage_ratio
    from {{ ref('entity_risk_month') }}
    where entity_type = 'hospital'
    group by org_code
),

quality as (
    select
        org_code,
        sum(numerator) / nullif(sum(denominator), 0) as quality_share
    from {{ ref('quality_scorecard') }}
    group by org_code
),

hospitals as (
    select
        scores.org_code,
        scores.org_name,
        scores.peer_group,
        scores.score,
        scores.lead_count,
        scores.red_count,
        scores.risk_gross,
        scores.amount,
        coverage.coverage_ratio,
        quality.quality_share
    from {{ ref('subject_score') }} as scores
    left join coverage on scores.org_code = coverage.org_code
    left join quality on scores.org_code = quality.org_code
    where scores.entity_type = 'hospital'
),

measured as (
    {%- for code, name, unit, number, of_all in measures %}
    select
        org_code,
        org_name,
        peer_group,
        {{ loop.index }} as measure_no,
        '{{ code }}' as measure,
        '{{ name }}' as measure_zh,
        '{{ unit }}' as unit_zh,
        cast({{ number }} as numeric(18, 4)) as value,
        {{ of_all }} as of_all_families
    from hospitals
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

others as (
    select
        measured.org_code,
        measured.measure,
        count(peers.value) as others,
        percentile_cont(0.5) within group (order by peers.value) as median,
        sum(case when peers.value > measured.value then 1 else 0 end) as above
    from measured
    inner join measured as peers
        on
            measured.peer_group = peers.peer_group
            and measured.measure = peers.measure
            and measured.org_code <> peers.org_code
    group by measured.org_code, measured.measure
),

compared as (
    select
        measured.*,
        coalesce(others.others, 0) as others,
        coalesce(others.others, 0) >= {{ subject_parameter('min_peers') }} as has_peers,
        others.median,
        others.above
    from measured
    left join others
        on
            measured.org_code = others.org_code
            and measured.measure = others.measure
),

typed as (
    select
        cast(org_code as varchar(12)) as org_code,
        cast(org_name as varchar(200)) as org_name,
        cast(peer_group as varchar(60)) as peer_group,
        cast(measure_no as integer) as measure_no,
        cast(measure as varchar(20)) as measure,
        cast(measure_zh as varchar(60)) as measure_zh,
        cast(unit_zh as varchar(10)) as unit_zh,
        cast(value as numeric(18, 4)) as value,
        cast(case when has_peers then median end as numeric(18, 4)) as peer_median,
        cast(others as integer) as peer_n,
        cast(case when has_peers and value is not null then above + 1 end as integer) as place,
        cast(
            case
                when value is null then '数据不足，算不出'
                when not has_peers then '同组有值的机构太少，不比较'
            end as varchar(60)
        ) as reason_zh,
        cast(of_all_families as boolean) as of_all_families
    from compared
)

select * from typed
