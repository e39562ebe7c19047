-- pr_supplier: one row a supplier. Source: 供应商.
-- Normalised: kind. Phone and account are returned clear: the extract replaces them.
select
    :org_code as org_code,
    编码 as supplier_code,
    统一信用代码 as uscc,
    名称 as supplier_name,
    case 类型 when '生产' then 'manufacturer' when '服务' then 'service' when '工程' then 'works' else 'distributor' end as supplier_kind,
    法人身份证号 as legal_rep_key,
    地址 as reg_address_norm,
    电话 as phone_key,
    null as email_domain,
    帐号 as bank_account_key,
    成立日期 as established_on,
    注册资金 as reg_capital,
    许可证号 as license_no,
    许可证效期 as license_expiry,
    null as blacklisted,
    null as credit_grade,
    null as src_updated_at
from 供应商
