-- his_drug: one row a drug of the hospital's catalogue. Source: yk_typk.
-- Normalised: drug class. Numbers stay text: the extract casts them.
select
    :org_code as org_code,
    ypxh as drug_code,
    ybdm as med_list_codg,
    tymc as generic_name,
    null as trade_name,
    case type
        when '1' then 'western'
        when '2' then 'patent_tcm'
        when '3' then 'herb_piece'
        when '4' then 'preparation'
    end as drug_class,
    jx as dosage_form,
    case when zsbz = 'Y' then 1 when zsbz is not null then 0 end as is_injection,
    null as route_default,
    ypgg as spec,
    ypjl as strength_value,
    jldw as strength_unit,
    ypdw as pack_unit,
    zxdw as min_unit,
    zxbz as pack_ratio,
    dddz as ddd_value,
    case when dddz is not null then jldw end as ddd_unit,
    atcbm as atc_code,
    null as pharm_class,
    kssdj as antibac_class,
    case when jbyw = 'Y' then 1 when jbyw is not null then 0 end as is_essential,
    case when zdjk = 'Y' then 1 when zdjk is not null then 0 end as is_key_monitored,
    null as is_adjuvant,
    null as special_class,
    case when jcbz = 'Y' then 1 when jcbz is not null then 0 end as is_vbp_selected,
    jcpc as vbp_batch,
    case when tpbz = 'Y' then 1 when tpbz is not null then 0 end as is_nego,
    case when rmbz = 'Y' then 1 when rmbz is not null then 0 end as is_solvent,
    cdmc as mah_name,
    cdmc as manufacturer_name,
    cdxydm as manufacturer_uscc,
    pzwh as approval_no,
    jhjg as purchase_price,
    lsjg as retail_price,
    ypdw as price_unit,
    null as valid_from,
    null as valid_to,
    null as src_updated_at
from yk_typk
