{#- Prescription months in which a drug was used whose catalogue entry changed (name, units, flags). -#}
{% macro changed_drug_months() -%}
    select distinct
        'prescriptions' as fact,
        prescription.org_code,
        {{ month_of('prescription.rx_time') }} as changed_month
    from {{ source('land', 'his_rx') }} as prescription
    inner join {{ source('land', 'his_rx_item') }} as line
        on
            prescription.org_code = line.org_code
            and prescription.rx_id = line.rx_id
    inner join {{ source('land', 'his_drug') }} as drug
        on
            line.org_code = drug.org_code
            and line.drug_code = drug.drug_code
    where drug._batch_id in (select batch_id from {{ ref('stg_ops__batch_in_build') }})
{%- endmacro %}
