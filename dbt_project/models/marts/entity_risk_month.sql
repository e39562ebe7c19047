-- Grain: one doctor, department, hospital or supplier (group of affiliates) of an organisation and month in which it was
-- active.
-- Rule: the worst light of the active leads that concern it (lead_entity); without leads green, or grey where coverage
-- of the indicators that can concern it is below ALL.min_coverage. Money: a row that several leads point to counts
-- once, with its largest amount.
with leads as (
    select * from {{ ref('lead') }}
    where is_active
),

evidence_suppliers as (
    select
        evidence.lead_id,
        evidence.source_table || '|' || evidence.row_key as risk_key,
        supplier_rows.supplier_group_id
    from {{ ref('lead_evidence') }} as evidence
    inner join {{ ref('supplier_row') }} as supplier_rows
        on
            evidence.org_code = supplier_rows.org_code
            and evidence.source_table = supplier_rows.source_table
            and evidence.row_key = supplier_rows.row_key
),

lead_entities as (
    select * from {{ ref('lead_entity') }}
),

active_entities as (
    select
        org_code,
        'hospital' as entity_type,
        org_code as entity_id,
        month_start as period_month
    from {{ ref('org_month') }}
    union
    select
        org_code,
        'department' as entity_type,
        dept_code as entity_id,
        rx_month as period_month
    from {{ ref('fct_prescription') }}
    union
    select
        org_code,
        'doctor' as entity_type,
        doctor_code as entity_id,
        rx_month as period_month
    from {{ ref('fct_prescription') }}
    union
    select
        org_code,
        'supplier' as entity_type,
        supplier_group_id as entity_id,
        row_month as period_month
    from {{ ref('supplier_row') }}
    union
    select
        org_code,
        entity_type,
        entity_id,
        period_month
    from lead_entities
),

-- Which families of indicators can concern which kind of entity.
concerned as (
    select
        entity_type,
        family
    from (
        values
        ('doctor', 'prescribing'),
        ('doctor', 'billing'),
        ('doctor', 'cross_system'),
        ('department', 'prescribing'),
        ('department', 'billing'),
        ('department', 'cross_system'),
        ('supplier', 'procurement'),
        ('hospital', 'prescribing'),
        ('hospital', 'billing'),
        ('hospital', 'cross_system'),
        ('hospital', 'procurement')
    ) as concerned (entity_type, family)
),

coverage_months as (
    {{ coverage_by_month() }}
),

coverage as (
    select
        coverage_months.org_code,
        concerned.entity_type,
        coverage_months.period_month,
        sum(coverage_months.coverage_sum) / nullif(sum(coverage_months.indicators), 0) as coverage_ratio
    from coverage_months
    inner join concerned on coverage_months.family = concerned.family
    group by coverage_months.org_code, concerned.entity_type, coverage_months.period_month
),

lights as (
    select
        lead_entities.org_code,
        lead_entities.entity_type,
        lead_entities.entity_id,
        lead_entities.period_month,
        count(*) as lead_count,
        count(*) filter (where leads.light = 'red') as red_count
    from lead_entities
    inner join leads on lead_entities.lead_id = leads.lead_id
    group by lead_entities.org_code, lead_entities.entity_type, lead_entities.entity_id, lead_entities.period_month
),

indicator_lists as (
    select
        org_code,
        entity_type,
        entity_id,
        period_month,
        {{ text_list('indicator_id') }} as indicator_ids
    from (
        select distinct
            lead_entities.org_code,
            lead_entities.entity_type,
            lead_entities.entity_id,
            lead_entities.period_month,
            leads.indicator_id
        from lead_entities
        inner join leads on lead_entities.lead_id = leads.lead_id
    ) as entity_indicators
    group by org_code, entity_type, entity_id, period_month
),

risk_rows as (
    {{ rows_at_risk('leads') }}
),

risks as (
    select
        org_code,
        entity_type,
        entity_id,
        period_month,
        sum(risk_gross) as risk_gross,
        sum(risk_fund) as risk_fund
    from (
        select
            lead_entities.org_code,
            lead_entities.entity_type,
            lead_entities.entity_id,
            lead_entities.period_month,
            risk_rows.risk_key,
            max(risk_rows.risk_gross) as risk_gross,
            max(risk_rows.risk_fund) as risk_fund
        from lead_entities
        inner join risk_rows on lead_entities.lead_id = risk_rows.lead_id
        left join evidence_suppliers
            on
                risk_rows.lead_id = evidence_suppliers.lead_id
                and risk_rows.risk_key = evidence_suppliers.risk_key
                and lead_entities.entity_id = evidence_suppliers.supplier_group_id
        where
            lead_entities.entity_type <> 'supplier'
            or evidence_suppliers.lead_id is not null
            or risk_rows.risk_key = risk_rows.lead_id
        group by
            lead_entities.org_code,
            lead_entities.entity_type,
            lead_entities.entity_id,
            lead_entities.period_month,
            risk_rows.risk_key
    ) as counted_once
    group by org_code, entity_type, entity_id, period_month
),

lit as (
    select
        entities.*,
        organisations.org_name,
        case entities.entity_type
            when 'hospital' then organisations.org_name
            when 'department' then coalesce(departments.dept_name, entities.entity_id)
            when 'doctor' then {{ staff_label('doctors.dept_name', 'entities.entity_id') }}
            else coalesce(supplier_groups.group_label, entities.entity_id)
        end as entity_label,
        case
            when lights.red_count > 0 then 'red'
            when lights.lead_count > 0 then 'yellow'
            when coverage.coverage_ratio >= min_coverage.value then 'green'
            else 'grey'
        end as light,
        coalesce(lights.lead_count, 0) as lead_count,
        coalesce(lights.red_count, 0) as red_count,
        indicator_lists.indicator_ids,
        coalesce(risks.risk_gross, 0) as risk_gross,
        coalesce(risks.risk_fund, 0) as risk_fund,
        coalesce(coverage.coverage_ratio, 0) as coverage_ratio
    from active_entities as entities
    left join lights
        on
            entities.org_code = lights.org_code
            and entities.entity_type = lights.entity_type
            and entities.entity_id = lights.entity_id
            and entities.period_month = lights.period_month
    left join indicator_lists
        on
            entities.org_code = indicator_lists.org_code
            and entities.entity_type = indicator_lists.entity_type
            and entities.entity_id = indicator_lists.entity_id
            and entities.period_month = indicator_lists.period_month
    left join risks
        on
            entities.org_code = risks.org_code
            and entities.entity_type = risks.entity_type
            and entities.entity_id = risks.entity_id
            and entities.period_month = risks.period_month
    left join coverage
        on
            entities.org_code = coverage.org_code
            and entities.entity_type = coverage.entity_type
            and entities.period_month = coverage.period_month
    left join {{ ref('dim_organisation') }} as organisations on entities.org_code = organisations.org_code
    left join {{ ref('dim_department') }} as departments
        on
            entities.org_code = departments.org_code
            and entities.entity_id = departments.dept_code
    left join {{ ref('dim_doctor') }} as doctors
        on
            entities.org_code = doctors.org_code
            and entities.entity_id = doctors.doctor_code
    left join {{ ref('dim_supplier_group') }} as supplier_groups on entities.entity_id = supplier_groups.supplier_group_id
    {{ threshold_join('min_coverage', 'ALL', 'min_coverage', 'entities.org_code', 'entities.period_month') }}
),

typed as (
    select
        cast(lit.org_code as varchar(12)) as org_code,
        cast(lit.org_name as varchar(200)) as org_name,
        cast(lit.entity_type as varchar(20)) as entity_type,
        cast(lit.entity_id as varchar(60)) as entity_id,
        cast(lit.entity_label as varchar(200)) as entity_label,
        cast(lit.period_month as date) as period_month,
        cast(lit.light as varchar(10)) as light,
        cast(labels.label_zh as varchar(10)) as light_zh,
        cast(lit.lead_count as integer) as lead_count,
        cast(lit.red_count as integer) as red_count,
        cast(lit.indicator_ids as varchar(500)) as indicator_ids,
        cast(lit.risk_gross as numeric(18, 2)) as risk_gross,
        cast(lit.risk_fund as numeric(18, 2)) as risk_fund,
        cast(lit.coverage_ratio as numeric(5, 4)) as coverage_ratio
    from lit
    left join {{ ref('code_label') }} as labels on lit.light = labels.code and labels.code_set = 'light'
)

select * from typed
