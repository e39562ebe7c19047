-- Grain: one indicator, organisation, stretch of time and threshold that the rule reads there.
-- Source: the parameters that the indicators' metadata name; ALL.red_amount besides, by which every lead gets its
-- light. Parameters in other lists (ref.…) are no thresholds and left out.
{%- set reads = [] %}
{%- for meta in indicator_metadata() %}
{%- for parameter in (meta.parameters + ['ALL.red_amount']) | unique if not parameter.startswith('ref.') %}
{%- do reads.append([meta.indicator_id, meta.rule_version] + parameter.split('.', 1)) %}
{%- endfor %}
{%- endfor %}
with parameters as (
    {%- for indicator_id, rule_version, threshold_of, param in reads %}
    select
        '{{ indicator_id }}' as indicator_id,
        '{{ rule_version }}' as method_version,
        '{{ threshold_of }}' as threshold_of,
        '{{ param }}' as param
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ as_text('null') }} as indicator_id,
        {{ as_text('null') }} as method_version,
        {{ as_text('null') }} as threshold_of,
        {{ as_text('null') }} as param
    where 1 = 0
    {%- endfor %}
),

thresholds as (
    select * from {{ ref('org_threshold') }}
),

applied as (
    select
        parameters.indicator_id,
        parameters.method_version,
        thresholds.org_code,
        thresholds.valid_from,
        thresholds.valid_to,
        parameters.threshold_of,
        parameters.param,
        thresholds.qualifier,
        thresholds.scope,
        thresholds.value,
        thresholds.set_on
    from parameters
    inner join thresholds
        on
            parameters.threshold_of = thresholds.indicator_id
            and parameters.param = thresholds.param
)

select * from applied
