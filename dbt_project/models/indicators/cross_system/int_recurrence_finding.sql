-- Grain: one closed matter and one result that fired for its indicator and entity, near the closing.
-- Rule: XS14. A period that begins after the closing, within relapse_days, lies after it; one that began before and had not
-- ended lies across it; one that ended, and began no more than relapse_days before, lies before it. The rule has
-- changed where its version in the month of the result is not that of the month of the notice.
-- Source: core.fct_rectification, int_rectified_result, int_rule_version.
with matters as (
    select
        matters.*,
        cast(relapse_days.value as integer) as relapse_days
    from {{ ref('fct_rectification') }} as matters
    {{ threshold_join('relapse_days', 'XS14', 'relapse_days', 'matters.org_code', 'matters.closed_month') }}
    where matters.status = 'closed' and matters.closed_on is not null
),

fired as (
    select * from {{ ref('int_rectified_result') }}
    where outcome = 'fired'
),

-- Whom a result concerns, in the terms of the register.
entities as (
    select
        fired.*,
        'organisation' as entity_type,
        fired.org_code as entity_code
    from fired
    union all
    select
        fired.*,
        'department' as entity_type,
        case when fired.subject_type = 'department' then fired.subject_id else fired.dept_code end as entity_code
    from fired
    union all
    select
        fired.*,
        'staff' as entity_type,
        case
            when fired.subject_type in ('doctor', 'staff', 'staff_roles', 'operator') then fired.subject_id
            else fired.doctor_code
        end as entity_code
    from fired
    union all
    select
        fired.*,
        'item' as entity_type,
        split_part(fired.subject_id, '|', 1) as entity_code
    from fired
    where
        fired.subject_type in (
            'charge_item', 'traced_material', 'report_item', 'stock_item', 'stock_item_year', 'swap_pair', 'purchase_item'
        )
    union all
    select
        fired.*,
        'supplier' as entity_type,
        split_part(fired.subject_id, '|', 1) as entity_code
    from fired
    where fired.subject_type in ('supplier', 'bidder_pair', 'bidder_group')
    union all
    select
        fired.*,
        'supplier' as entity_type,
        split_part(fired.subject_id, '|', 2) as entity_code
    from fired
    where
        fired.subject_type in (
            'purchase_item', 'bidder_pair', 'supplier_invoices', 'single_source_supplier', 'supplier_award'
        )
),

near_closing as (
    select
        matters.org_code,
        matters.rect_id,
        matters.indicator_id,
        matters.issued_on,
        matters.closed_on,
        entities.subject_type,
        entities.subject_id,
        entities.period_start,
        entities.zone,
        entities.state,
        entities.value,
        entities.evidence,
        case
            when entities.period_start > matters.closed_on then 'after'
            when entities.period_end >= matters.closed_on then 'across'
            else 'before'
        end as place
    from matters
    inner join entities
        on
            matters.org_code = entities.org_code
            and matters.indicator_id = entities.indicator_id
            and matters.entity_type = entities.entity_type
            and matters.entity_code = entities.entity_code
    where
        entities.period_start <= {{ add_days('matters.closed_on', 'matters.relapse_days') }}
        and entities.period_start >= {{ add_days('matters.closed_on', '-1 * matters.relapse_days') }}
),

versioned as (
    select
        near_closing.*,
        case when coalesce(then_rule.rule_version, '') = coalesce(now_rule.rule_version, '') then 0 else 1 end
            as is_rule_changed
    from near_closing
    left join {{ ref('int_rule_version') }} as then_rule
        on
            near_closing.org_code = then_rule.org_code
            and near_closing.indicator_id = then_rule.indicator_id
            and {{ month_of('coalesce(near_closing.issued_on, near_closing.closed_on)') }}
            between then_rule.valid_from and then_rule.valid_to
    left join {{ ref('int_rule_version') }} as now_rule
        on
            near_closing.org_code = now_rule.org_code
            and near_closing.indicator_id = now_rule.indicator_id
            and {{ month_of('near_closing.period_start') }} between now_rule.valid_from and now_rule.valid_to
)

select * from versioned
