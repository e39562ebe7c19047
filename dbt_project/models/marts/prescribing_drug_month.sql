-- Grain: one organisation, setting, key-monitored drug (by generic name) and month.
-- Rule: every use of the drug, and the part that a diagnosis named by the rules of payment supports; where no such rule or
-- no diagnosis is loaded nothing is supported. Defined daily doses are null where the drug has none.
-- Source: peer_key_use.
with uses as (
    select
        org_code,
        setting,
        generic_name,
        use_month,
        count(*) as use_count,
        count(distinct course_id) as course_count,
        sum(amount) as amount,
        sum(case when is_supported then amount else 0 end) as supported_amount,
        sum(ddds) as ddds
    from {{ ref('peer_key_use') }}
    group by org_code, setting, generic_name, use_month
),

labels as (
    select * from {{ ref('code_label') }}
    where code_set = 'setting'
),

typed as (
    select
        cast(uses.org_code as varchar(12)) as org_code,
        cast(organisations.org_name as varchar(200)) as org_name,
        cast(organisations.org_level_zh as varchar(60)) as org_level_zh,
        cast(organisations.district_name as varchar(60)) as district_name,
        cast(uses.setting as varchar(20)) as setting,
        cast(coalesce(labels.label_zh, uses.setting) as varchar(60)) as setting_zh,
        cast(uses.generic_name as varchar(200)) as generic_name,
        cast(uses.use_month as date) as period_month,
        cast(uses.use_count as integer) as use_count,
        cast(uses.course_count as integer) as course_count,
        cast(uses.amount as numeric(18, 2)) as amount,
        cast(uses.supported_amount as numeric(18, 2)) as supported_amount,
        cast(uses.ddds as numeric(18, 4)) as ddds
    from uses
    left join {{ ref('organisation') }} as organisations on uses.org_code = organisations.org_code
    left join labels on uses.setting = labels.code
)

select * from typed
