-- ref_listed_price: one row a published price and period, for the whole region (org_code *).
-- Source: t_listed_price.
select
    '*' as org_code,
    region_code,
    national_code as med_list_codg,
    price_kind,
    min_unit_price,
    holder as supplier_or_mah,
    valid_from,
    valid_to,
    null as src_updated_at
from t_listed_price
