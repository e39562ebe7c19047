-- Grain: one line of a visit, or of what an inpatient takes home, in which it stands beside another drug of its
-- pharmacological class.
-- Rule: RX14 (a), the class is that of ATC level 4, of the hospital's class table where the drug has no ATC code. The
-- dearest drug of the class is the one meant, the others are the finding (is_second); classes whose drugs usually go
-- together are named in ref.code_label (combination_class). A line without any class beside other drugs is not judged
-- (missing_class). Herbs and patent medicines have no class.
-- Source: int_supply_line, core.dim_drug.
with all_lines as (
    select
        org_code,
        line_id,
        visit_id,
        drug_name,
        coalesce(left(atc_code, 5), pharm_class) as drug_class_code,
        amount
    from {{ ref('int_supply_line') }}
    where drug_class in ('western', 'preparation') and visit_id is not null
),

-- Only a class of which the hospital has several drugs can be prescribed twice.
classes as (
    select
        org_code,
        coalesce(left(atc_code, 5), pharm_class) as drug_class_code
    from {{ ref('dim_drug') }}
    group by org_code, coalesce(left(atc_code, 5), pharm_class)
    having min(generic_name) <> max(generic_name)
),

lines as (
    select
        all_lines.org_code,
        all_lines.line_id,
        all_lines.visit_id,
        all_lines.drug_name,
        all_lines.amount,
        all_lines.drug_class_code
    from all_lines
    inner join classes
        on
            classes.org_code = all_lines.org_code
            and classes.drug_class_code = all_lines.drug_class_code
),

crowded as (
    select
        org_code,
        visit_id,
        drug_class_code
    from lines
    group by org_code, visit_id, drug_class_code
    having min(drug_name) <> max(drug_name)
),

unclassed as (
    select distinct
        own.org_code,
        own.line_id
    from all_lines as own
    inner join all_lines as other
        on
            other.org_code = own.org_code
            and other.visit_id = own.visit_id
            and other.drug_name <> own.drug_name
    where own.drug_class_code is null
),

combinations as (
    select code as pattern
    from {{ ref('code_label') }}
    where code_set = 'combination_class'
),

-- Few classes stand for many lines.
usual as (
    select distinct crowded.drug_class_code
    from crowded
    inner join combinations on crowded.drug_class_code like '%' || combinations.pattern || '%'
),

beside as (
    select
        lines.org_code,
        lines.line_id,
        lines.visit_id,
        lines.drug_class_code,
        lines.drug_name,
        sum(lines.amount) over (
            partition by lines.org_code, lines.visit_id, lines.drug_class_code, lines.drug_name
        ) as drug_amount
    from lines
    inner join crowded
        on
            crowded.org_code = lines.org_code
            and crowded.visit_id = lines.visit_id
            and crowded.drug_class_code = lines.drug_class_code
),

ranked as (
    select
        beside.*,
        dense_rank() over (
            partition by org_code, visit_id, drug_class_code order by drug_amount desc, drug_name
        ) > 1 as is_second
    from beside
),

judged as (
    select
        ranked.org_code,
        ranked.line_id,
        case
            when not ranked.is_second then 'clear'
            when usual.drug_class_code is not null then 'usual_combination'
            else 'fired'
        end as finding
    from ranked
    left join usual on usual.drug_class_code = ranked.drug_class_code
    union all
    select
        org_code,
        line_id,
        'missing_class' as finding
    from unclassed
)

select * from judged
