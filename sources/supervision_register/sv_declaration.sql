-- sv_declaration: one row a commitment or declaration. Source: declaration. Normalised: kind.
-- relative_person_key is a clear value: the extract replaces it.
select
    hospital_code as org_code,
    declare_no as declaration_id,
    staff_code,
    declare_date as declared_on,
    case kind_code
        when '1' then 'commitment'
        when '2' then 'relative_business'
        when '3' then 'shareholding'
        when '4' then 'part_time'
        when '5' then 'major_event'
    end as kind,
    relative_id_card as relative_person_key,
    company_uscc,
    content as detail,
    updt_time as src_updated_at
from declaration
