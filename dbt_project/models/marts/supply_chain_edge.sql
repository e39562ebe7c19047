-- Grain: one step of the chain behind a lead of XS03 (doctor, maker, quarter) that still fires: supplier to maker, maker to
-- product, product to department, department to doctor.
-- Rule: amounts of the hospital's orders of the maker's products in the quarter, and of what was prescribed of the products
-- that the lead's lines name; all that other departments and other doctors of the department prescribed is one step each.
-- What is ordered in a quarter is not what is prescribed in it, nor always the same product, so that supplier and product
-- meet in the maker. A quarter without orders begins with the maker.
-- Source: lead_listing, int_evidence_pointer, core.fct_purchase_line, core.fct_prescription_line, core.dim_drug.
with makers as (
    select
        manufacturer_uscc,
        min(manufacturer_name) as manufacturer_name
    from {{ ref('dim_drug') }}
    where manufacturer_uscc is not null
    group by manufacturer_uscc
),

leads as (
    select
        listing.lead_id,
        listing.org_code,
        lead.doctor_code,
        lead.period_start,
        lead.period_end,
        coalesce(makers.manufacturer_name, split_part(lead.subject_id, '|', 2)) as maker_label
    from {{ ref('lead_listing') }} as listing
    inner join {{ ref('lead') }} as lead on listing.lead_id = lead.lead_id
    left join makers on split_part(lead.subject_id, '|', 2) = makers.manufacturer_uscc
    where listing.is_active and listing.indicator_id = 'XS03'
),

pointers as (
    select
        leads.*,
        pointers.source_table,
        pointers.row_key
    from leads
    inner join {{ ref('int_evidence_pointer') }} as pointers on leads.lead_id = pointers.lead_id
    where pointers.source_table in ('pr_order', 'his_rx_item')
),

ordered as (
    select
        pointers.lead_id,
        coalesce(purchases.supplier_name, purchases.supplier_code, '未知配送企业') as source_label,
        pointers.maker_label as target_label,
        purchases.amount
    from pointers
    inner join {{ ref('fct_purchase_line') }} as purchases
        on
            pointers.org_code = purchases.org_code
            and pointers.row_key = purchases.line_key
    where pointers.source_table = 'pr_order'
),

-- The products of the maker that the doctor prescribed.
products as (
    select distinct
        pointers.lead_id,
        pointers.org_code,
        pointers.doctor_code,
        pointers.period_start,
        pointers.period_end,
        pointers.maker_label,
        lines.drug_code
    from pointers
    inner join {{ ref('fct_prescription_line') }} as lines
        on
            pointers.org_code = lines.org_code
            and pointers.row_key = lines.rx_item_id
    where pointers.source_table = 'his_rx_item'
),

prescribed as (
    select
        products.lead_id,
        lines.doctor_code = products.doctor_code as is_own,
        products.maker_label,
        coalesce(lines.generic_name, lines.drug_code) as product_label,
        lines.doctor_code,
        lines.dept_code,
        coalesce(departments.dept_name, lines.dept_code, '未知科室') as dept_name,
        lines.amount
    from products
    inner join {{ ref('fct_prescription_line') }} as lines
        on
            products.org_code = lines.org_code
            and products.drug_code = lines.drug_code
            and cast(lines.rx_time as date) between products.period_start and products.period_end
    left join {{ ref('dim_department') }} as departments
        on
            lines.org_code = departments.org_code
            and lines.dept_code = departments.dept_code
    where not lines.is_self_provided
),

own_departments as (
    select distinct
        lead_id,
        dept_name
    from prescribed
    where is_own
),

placed as (
    select
        prescribed.*,
        own_departments.dept_name is not null as is_own_department
    from prescribed
    left join own_departments
        on
            prescribed.lead_id = own_departments.lead_id
            and prescribed.dept_name = own_departments.dept_name
),

steps as (
    select
        lead_id,
        1 as stage,
        source_label,
        target_label,
        amount
    from ordered
    union all
    select
        lead_id,
        2 as stage,
        maker_label as source_label,
        product_label as target_label,
        amount
    from placed
    union all
    select
        lead_id,
        3 as stage,
        product_label as source_label,
        case when is_own_department then dept_name else '其他科室' end as target_label,
        amount
    from placed
    union all
    select
        placed.lead_id,
        4 as stage,
        placed.dept_name as source_label,
        case
            when placed.is_own then {{ staff_label('placed.dept_name', 'placed.doctor_code') }}
            else placed.dept_name || '其他医师'
        end as target_label,
        placed.amount
    from placed
    where placed.is_own_department
),

edges as (
    select
        lead_id,
        stage,
        source_label,
        target_label,
        count(*) as line_count,
        sum(amount) as amount,
        row_number() over (partition by lead_id order by stage, sum(amount) desc, source_label, target_label) as edge_no
    from steps
    group by lead_id, stage, source_label, target_label
    having sum(amount) > 0
),

labels as (
    select * from {{ ref('code_label') }}
    where code_set = 'chain_step'
),

typed as (
    select
        cast(edges.lead_id as varchar(32)) as lead_id,
        cast(leads.org_code as varchar(12)) as org_code,
        cast(edges.edge_no as integer) as edge_no,
        cast(edges.stage as integer) as stage,
        cast(coalesce(labels.label_zh, {{ as_text('edges.stage') }}) as varchar(60)) as stage_zh,
        cast(edges.source_label as varchar(300)) as source_label,
        cast(edges.target_label as varchar(300)) as target_label,
        cast(edges.line_count as integer) as line_count,
        cast(edges.amount as numeric(18, 2)) as amount
    from edges
    inner join leads on edges.lead_id = leads.lead_id
    left join labels on {{ as_text('edges.stage') }} = labels.code
)

select * from typed
