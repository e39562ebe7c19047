-- Grain: the share of its price at which an operation of a group is payable, by version of its rule set.
-- Rule: rank_rule says to which operations of the group it applies, the dearest being the first: not_highest,
-- second, third_and_later or always; from_rank and to_rank put that in numbers. A share whose version is
-- not on the list of versions does not hold.
-- Source: the rule library.
with discounts as (
    select * from {{ ref('stg_reference__surgery_discount') }}
),

versions as (
    select * from {{ ref('dim_rule_version') }}
),

dated as (
    select
        discounts.org_code,
        discounts.rule_set,
        discounts.version,
        discounts.grp,
        discounts.item_code as med_list_codg,
        discounts.rank_rule,
        discounts.discount,
        case discounts.rank_rule
            when 'always' then 1
            when 'third_and_later' then 3
            else 2
        end as from_rank,
        case when discounts.rank_rule = 'second' then 2 end as to_rank,
        versions.valid_from,
        versions.valid_to,
        discounts.batch_id
    from discounts
    inner join versions
        on
            discounts.org_code = versions.org_code
            and discounts.rule_set = versions.rule_set
            and discounts.version = versions.version
)

select * from dated
