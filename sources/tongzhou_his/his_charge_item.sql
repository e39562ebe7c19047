-- his_charge_item: one row a charge item and price. Sources: 收费项目目录, 收费价目.
select
    :org_code as org_code,
    收费项目目录.编码 as item_code,
    收费项目目录.国家医保编码 as med_list_codg,
    收费项目目录.名称 as item_name,
    收费项目目录.医保收费类别 as item_category,
    收费项目目录.计算单位 as unit,
    收费价目.现价 as charge_price,
    收费项目目录.项目内涵 as intension,
    收费项目目录.除外内容 as excluded,
    收费项目目录.说明 as price_note,
    case 收费项目目录.自动计费 when 1 then 1 when 0 then 0 end as is_auto_billed,
    收费价目.执行日期 as valid_from,
    收费价目.终止日期 as valid_to,
    null as src_updated_at
from 收费项目目录
inner join 收费价目 on 收费价目.收费细目id = 收费项目目录.id
where 收费价目.终止日期 is null or 收费价目.终止日期 > sysdate
