-- Grain: one doctor, department, hospital, supplier (org_code *) or supplier at a hospital with evaluated results, also
-- those without a score, each with its reason.
-- Rule: the score is the sum of the concepts' contributions (subject_score_concept): 0 is no evidence, and who is like
-- the peers has about as much at any size. Fewer than min_concepts concepts: no score, no rank. Beside it, and not in
-- it, the money: net charges of the months of the window, for suppliers what was ordered from them, and what the active leads
-- put at risk (entity_risk_month). Whether a lead or a concept of procurement is among it is told for roles that see none.
with concepts as (
    select * from {{ ref('subject_score_concept') }}
),

sums as (
    select
        entity_type,
        org_code,
        entity_id,
        count(case when state = 'computed' then 1 end) as concepts_computed,
        count(*) as concepts_possible,
        count(case when contribution > 0 then 1 end) as concepts_deviating,
        coalesce(sum(contribution), 0) as score,
        count(case when reason = 'below_volume' then 1 end) as below_volume,
        count(case when reason = 'low_coverage' then 1 end) as low_coverage,
        count(case when reason = 'no_peers' then 1 end) as no_peers
    from concepts
    group by entity_type, org_code, entity_id
),

stated as (
    select
        sums.*,
        case when concepts_computed >= {{ subject_parameter('min_concepts') }} then 'ranked' else 'not_computable' end as state
    from sums
),

reasoned as (
    select
        stated.*,
        case
            when state = 'ranked' then null
            when low_coverage > 0 and low_coverage >= below_volume and low_coverage >= no_peers then 'low_coverage'
            when no_peers > 0 and no_peers >= below_volume then 'no_peers'
            when below_volume > 0 then 'below_volume'
            else 'few_concepts'
        end as reason
    from stated
),

deviating as (
    select
        entity_type,
        org_code,
        entity_id,
        concept_zh || '（' || indicator_id || '）' || {{ as_plain_number('round(contribution, 1)') }} as text_zh,
        concept_en || ' (' || indicator_id || ') ' || {{ as_plain_number('round(contribution, 1)') }} as text_en,
        row_number() over (partition by entity_type, org_code, entity_id order by contribution desc, concept) as place
    from concepts
    where contribution > 0
),

-- Numbered by weight, since a list is sorted as text.
numbered as (
    select
        entity_type,
        org_code,
        entity_id,
        right('0' || {{ as_text('place') }}, 2) || '. ' || text_zh as text_zh,
        right('0' || {{ as_text('place') }}, 2) || '. ' || text_en as text_en
    from deviating
),

lists as (
    select
        entity_type,
        org_code,
        entity_id,
        {{ text_list('text_zh') }} as reasons_zh,
        {{ text_list('text_en') }} as reasons_en
    from numbered
    group by entity_type, org_code, entity_id
),

-- The narrowest group in which enough others have a score.
group_sizes as (
    select
        peers.entity_type,
        peers.rung,
        peers.peer_group,
        count(*) as peer_n
    from reasoned
    inner join {{ ref('peer_subject') }} as peers
        on
            reasoned.entity_type = peers.entity_type
            and reasoned.org_code = peers.org_code
            and reasoned.entity_id = peers.entity_id
    where reasoned.state = 'ranked'
    group by peers.entity_type, peers.rung, peers.peer_group
    having count(*) >= {{ subject_parameter('min_peers') }} or peers.rung = 3
),

own_groups as (
    select
        peers.entity_type,
        peers.org_code,
        peers.entity_id,
        group_sizes.peer_group,
        group_sizes.peer_n,
        row_number() over (
            partition by peers.entity_type, peers.org_code, peers.entity_id
            order by peers.rung
        ) as place
    from {{ ref('peer_subject') }} as peers
    inner join group_sizes
        on
            peers.entity_type = group_sizes.entity_type
            and peers.rung = group_sizes.rung
            and peers.peer_group = group_sizes.peer_group
),

charges as (
    select
        org_code,
        dept_code,
        doctor_code,
        sum(net_amount) as amount
    from {{ ref('fct_fee_line') }}
    where service_month >= {{ subject_window_start() }}
    group by org_code, dept_code, doctor_code
),

orders as (
    select
        org_code,
        supplier_group_id,
        sum(amount) as amount
    from {{ ref('fct_purchase_line') }}
    where order_month >= {{ subject_window_start() }}
    group by org_code, supplier_group_id
),

attributed as (
    select
        'hospital' as entity_type,
        org_code,
        org_code as entity_id,
        amount
    from charges
    union all
    select
        'department' as entity_type,
        org_code,
        dept_code as entity_id,
        amount
    from charges
    union all
    select
        'doctor' as entity_type,
        org_code,
        doctor_code as entity_id,
        amount
    from charges
    union all
    select
        'supplier' as entity_type,
        '*' as org_code,
        supplier_group_id as entity_id,
        amount
    from orders
    union all
    select
        'supplier_hospital' as entity_type,
        org_code,
        supplier_group_id as entity_id,
        amount
    from orders
),

amounts as (
    select
        entity_type,
        org_code,
        entity_id,
        sum(amount) as amount
    from attributed
    group by entity_type, org_code, entity_id
),

month_risks as (
    select * from {{ ref('entity_risk_month') }}
    where period_month >= {{ subject_window_start() }}
),

risks as (
    select
        entity_type,
        org_code,
        entity_id,
        sum(lead_count) as lead_count,
        sum(red_count) as red_count,
        sum(risk_gross) as risk_gross
    from month_risks
    where entity_type <> 'supplier'
    group by entity_type, org_code, entity_id
    union all
    select
        entity_type,
        '*' as org_code,
        entity_id,
        sum(lead_count) as lead_count,
        sum(red_count) as red_count,
        sum(risk_gross) as risk_gross
    from month_risks
    where entity_type = 'supplier'
    group by entity_type, entity_id
    union all
    select
        'supplier_hospital' as entity_type,
        org_code,
        entity_id,
        sum(lead_count) as lead_count,
        sum(red_count) as red_count,
        sum(risk_gross) as risk_gross
    from month_risks
    where entity_type = 'supplier'
    group by org_code, entity_id
),

procurement_indicators as (
    select indicator_id from {{ ref('indicator') }}
    where family = 'procurement'
),

told_of_procurement as (
    select
        concepts.entity_type,
        concepts.org_code,
        concepts.entity_id
    from concepts
    inner join procurement_indicators on concepts.indicator_id = procurement_indicators.indicator_id
    where concepts.contribution > 0
    union
    select
        entities.entity_type,
        entities.org_code,
        entities.entity_id
    from {{ ref('lead_entity') }} as entities
    inner join {{ ref('lead') }} as leads on entities.lead_id = leads.lead_id
    inner join procurement_indicators on leads.indicator_id = procurement_indicators.indicator_id
),

joined as (
    select
        reasoned.entity_type,
        reasoned.org_code,
        case reasoned.entity_type when 'supplier' then '全市' else organisations.org_name end as org_name,
        reasoned.entity_id,
        case reasoned.entity_type
            when 'hospital' then organisations.org_name
            when 'department' then coalesce(departments.dept_name, reasoned.entity_id)
            when 'doctor' then {{ staff_label('doctors.dept_name', 'reasoned.entity_id') }}
            else coalesce(supplier_groups.group_label, reasoned.entity_id)
        end as entity_label,
        own_groups.peer_group,
        own_groups.peer_n,
        reasoned.concepts_computed,
        reasoned.concepts_possible,
        reasoned.concepts_deviating,
        case when reasoned.state = 'ranked' then reasoned.score end as score,
        coalesce(amounts.amount, 0) as amount,
        coalesce(risks.lead_count, 0) as lead_count,
        coalesce(risks.red_count, 0) as red_count,
        coalesce(risks.risk_gross, 0) as risk_gross,
        reasoned.state,
        reasoned.reason,
        lists.reasons_zh,
        lists.reasons_en,
        reasoned.entity_type in ('supplier', 'supplier_hospital') or told_of_procurement.entity_id is not null
            as tells_of_procurement
    from reasoned
    left join lists
        on
            reasoned.entity_type = lists.entity_type
            and reasoned.org_code = lists.org_code
            and reasoned.entity_id = lists.entity_id
    left join own_groups
        on
            reasoned.entity_type = own_groups.entity_type
            and reasoned.org_code = own_groups.org_code
            and reasoned.entity_id = own_groups.entity_id
            and own_groups.place = 1
    left join amounts
        on
            reasoned.entity_type = amounts.entity_type
            and reasoned.org_code = amounts.org_code
            and reasoned.entity_id = amounts.entity_id
    left join risks
        on
            reasoned.entity_type = risks.entity_type
            and reasoned.org_code = risks.org_code
            and reasoned.entity_id = risks.entity_id
    left join told_of_procurement
        on
            reasoned.entity_type = told_of_procurement.entity_type
            and reasoned.org_code = told_of_procurement.org_code
            and reasoned.entity_id = told_of_procurement.entity_id
    left join {{ ref('dim_organisation') }} as organisations on reasoned.org_code = organisations.org_code
    left join {{ ref('dim_department') }} as departments
        on
            reasoned.org_code = departments.org_code
            and reasoned.entity_id = departments.dept_code
    left join {{ ref('dim_doctor') }} as doctors
        on
            reasoned.org_code = doctors.org_code
            and reasoned.entity_id = doctors.doctor_code
    left join {{ ref('dim_supplier_group') }} as supplier_groups on reasoned.entity_id = supplier_groups.supplier_group_id
),

typed as (
    select
        cast(entity_type as varchar(20)) as entity_type,
        cast(org_code as varchar(12)) as org_code,
        cast(org_name as varchar(200)) as org_name,
        cast(entity_id as varchar(60)) as entity_id,
        cast(entity_label as varchar(200)) as entity_label,
        cast(peer_group as varchar(60)) as peer_group,
        cast(peer_n as integer) as peer_n,
        cast(concepts_computed as integer) as concepts_computed,
        cast(concepts_possible as integer) as concepts_possible,
        cast(concepts_deviating as integer) as concepts_deviating,
        cast(score as numeric(18, 4)) as score,
        cast(
            case
                when state = 'ranked' then rank() over (partition by entity_type, state order by score desc)
            end as integer
        ) as score_rank,
        cast(
            case
                when state = 'ranked' then rank() over (partition by entity_type, peer_group, state order by score desc)
            end as integer
        ) as peer_rank,
        cast(
            case
                when state = 'ranked' then percent_rank() over (partition by entity_type, peer_group, state order by score)
            end as numeric(5, 4)
        ) as peer_percentile,
        cast(amount as numeric(18, 2)) as amount,
        cast(rank() over (partition by entity_type order by amount desc) as integer) as amount_rank,
        cast(lead_count as integer) as lead_count,
        cast(red_count as integer) as red_count,
        cast(risk_gross as numeric(18, 2)) as risk_gross,
        cast(rank() over (partition by entity_type order by risk_gross desc) as integer) as risk_rank,
        cast(state as varchar(20)) as state,
        cast(reason as varchar(20)) as reason,
        cast(reasons_zh as varchar(1000)) as reasons_zh,
        cast(reasons_en as varchar(1000)) as reasons_en,
        cast(tells_of_procurement as boolean) as tells_of_procurement
    from joined
)

select * from typed
