-- Grain: one limit of one kind on what the insurance pays for an item, by version of its rule set.
-- Rule: kinds are indication, age, sex, org_level, med_type, insutype, dept, course_days, course_quantity
-- and text (wording that no program can judge). An age limit of whole years means completed years, so
-- that "up to 14" ends on the fifteenth birthday; parts of years are rounded to whole months in favour of
-- the patient. A limit whose version is not on the list of versions does not hold.
-- Source: the rule library.
with limits as (
    select
        org_code,
        rule_set,
        version,
        med_list_codg,
        limit_kind,
        icd_pattern,
        age_min,
        age_max,
        sex,
        org_level_min,
        med_types,
        insutypes,
        null as dept_pattern,
        cast(null as numeric(18, 4)) as largest,
        note,
        batch_id
    from {{ ref('stg_reference__drug_limit') }}
    union all
    select
        org_code,
        rule_set,
        version,
        item_code as med_list_codg,
        limit_kind,
        icd_pattern,
        age_min,
        age_max,
        sex,
        null as org_level_min,
        null as med_types,
        null as insutypes,
        dept_pattern,
        null as largest,
        note,
        batch_id
    from {{ ref('stg_reference__item_limit') }}
    {%- for kind, column in [('course_days', 'max_days'), ('course_quantity', 'max_qty_min_unit')] %}
    union all
    select
        org_code,
        rule_set,
        version,
        med_list_codg,
        '{{ kind }}' as limit_kind,
        null as icd_pattern,
        null as age_min,
        null as age_max,
        null as sex,
        null as org_level_min,
        null as med_types,
        null as insutypes,
        null as dept_pattern,
        {{ column }} as largest,
        null as note,
        batch_id
    from {{ ref('stg_reference__course_limit') }}
    where {{ column }} is not null
    {%- endfor %}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        limits.org_code,
        limits.rule_set,
        limits.version,
        limits.med_list_codg,
        limits.limit_kind,
        limits.icd_pattern,
        limits.sex,
        limits.org_level_min,
        limits.med_types,
        limits.insutypes,
        limits.dept_pattern,
        limits.note,
        cast(floor(limits.age_min * 12) as integer) as age_from_months,
        cast(
            case
                when limits.age_max = floor(limits.age_max) then (limits.age_max + 1) * 12
                else ceiling(limits.age_max * 12)
            end as integer
        ) as age_below_months,
        cast(limits.largest as numeric(18, 4)) as largest,
        versions.valid_from,
        versions.valid_to,
        limits.batch_id
    from limits
    inner join versions
        on
            limits.org_code = versions.org_code
            and limits.rule_set = versions.rule_set
            and limits.version = versions.version
)

select * from dated
