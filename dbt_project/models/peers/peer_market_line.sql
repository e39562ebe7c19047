{{ config(indexes=[{'columns': ['org_code', 'market_kind', 'market_code']}]) }}

-- Grain: one purchase line and market that it belongs to; of the market of its users one row a department.
-- Rule: a market is a category, an item (a drug by generic name and strength, a material by classification and generic name
-- of its national code, the first ten of twenty places, anything else by name), or a category as one department orders it,
-- as one department uses it, or as one person approves it. What a department uses is its part of the year's net charges of
-- the item. Who ordered, used or approved is null where nobody says; such lines are one market, that of nobody known.
-- Lines of volume-based purchasing have no market. line_part is how much of the line the row stands for.
-- Source: core.fct_purchase_line, core.dim_drug, core.fct_fee_line.
with purchase_lines as (
    select * from {{ ref('fct_purchase_line') }}
    where not is_vbp_selected
),

drugs as (
    select
        org_code,
        drug_code,
        coalesce({{ as_plain_number('strength_value') }} || strength_unit, spec) as strength
    from {{ ref('dim_drug') }}
),

described as (
    select
        purchase_lines.org_code,
        purchase_lines.line_key,
        purchase_lines.order_id,
        purchase_lines.order_date,
        purchase_lines.order_year,
        purchase_lines.category_code,
        purchase_lines.item_kind,
        purchase_lines.item_code,
        case
            when purchase_lines.item_kind = 'drug'
                then purchase_lines.generic_name || coalesce(' ' || drugs.strength, '')
            when {{ matches_pattern('purchase_lines.med_list_codg', "'^C[0-9]{19}'") }}
                then left(purchase_lines.med_list_codg, 10)
            else purchase_lines.item_name
        end as item_market,
        case when purchase_lines.item_kind = 'drug' then purchase_lines.generic_name end as generic_name,
        purchase_lines.requester_dept_code,
        purchase_lines.approver_code,
        purchase_lines.supplier_group_id,
        purchase_lines.manufacturer_group_id,
        purchase_lines.amount
    from purchase_lines
    left join drugs
        on
            purchase_lines.item_kind = 'drug'
            and purchase_lines.org_code = drugs.org_code
            and purchase_lines.item_code = drugs.drug_code
),

charges as (
    select
        org_code,
        item_kind,
        item_code,
        cast(extract(year from service_month) as integer) as charge_year,
        dept_code,
        sum(net_amount) as amount
    from {{ ref('fct_fee_line') }}
    where item_kind in ('drug', 'material') and dept_code is not null
    group by org_code, item_kind, item_code, extract(year from service_month), dept_code
),

uses as (
    select
        charges.*,
        cast(amount / nullif(sum(amount) over (partition by org_code, item_kind, item_code, charge_year), 0) as numeric(18, 8))
            as line_part
    from charges
    where amount > 0
),

in_markets as (
    select
        described.*,
        'category' as market_kind,
        category_code as market_code,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as person_code,
        cast(1 as numeric(18, 8)) as line_part
    from described
    where category_code is not null
    union all
    select
        described.*,
        'item' as market_kind,
        item_market as market_code,
        {{ as_text('null') }} as dept_code,
        {{ as_text('null') }} as person_code,
        cast(1 as numeric(18, 8)) as line_part
    from described
    where item_market is not null
    union all
    select
        described.*,
        'department' as market_kind,
        category_code || '|' || coalesce(requester_dept_code, '-') as market_code,
        requester_dept_code as dept_code,
        {{ as_text('null') }} as person_code,
        cast(1 as numeric(18, 8)) as line_part
    from described
    where category_code is not null
    union all
    select
        described.*,
        'user' as market_kind,
        described.category_code || '|' || coalesce(uses.dept_code, '-') as market_code,
        uses.dept_code,
        {{ as_text('null') }} as person_code,
        coalesce(uses.line_part, cast(1 as numeric(18, 8))) as line_part
    from described
    left join uses
        on
            described.org_code = uses.org_code
            and described.item_kind = uses.item_kind
            and described.item_code = uses.item_code
            and described.order_year = uses.charge_year
    where described.category_code is not null
    union all
    select
        described.*,
        'decision_maker' as market_kind,
        category_code || '|' || coalesce(approver_code, '-') as market_code,
        {{ as_text('null') }} as dept_code,
        approver_code as person_code,
        cast(1 as numeric(18, 8)) as line_part
    from described
    where category_code is not null
),

market_lines as (
    select
        org_code,
        market_kind,
        market_code,
        category_code,
        dept_code,
        person_code,
        line_key,
        order_id,
        order_date,
        order_year,
        case when extract(month from order_date) <= 6 then 1 else 2 end as order_half,
        item_code,
        generic_name,
        supplier_group_id,
        manufacturer_group_id,
        line_part,
        cast(amount * line_part as numeric(18, 4)) as amount
    from in_markets
)

select * from market_lines
