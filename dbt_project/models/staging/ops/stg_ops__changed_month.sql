{#-
    On a first or full build everything is new: the months are read off the landing tables without
    following each line to its original.
-#}
{{ config(materialized='table') }}
{%- set built = adapter.get_relation(database=target.database, schema='core', identifier='batch_built') if execute %}

-- depends_on: {{ ref('stg_ops__batch_in_build') }}
-- Grain: one fact, organisation and month that this build recomputes. Source: landing tables of the facts.
with touched as (
    {%- if not built or flags.FULL_REFRESH %}
    {{ all_months('fct_fee_line', 'his_fee', 'fee_time') }}
    union all
    {{ all_months('fct_insurance_line', 'yb_fee_list_d', 'fee_ocur_time') }}
    union all
    {{ all_months('prescriptions', 'his_rx', 'rx_time') }}
    {%- else %}
    {{ changed_line_months('fct_fee_line', 'his_fee', 'fee_id', 'orig_fee_id', 'fee_time') }}
    union all
    {{ changed_parent_months('fct_fee_line', 'his_fee', 'fee_time', 'his_outp_visit', [('encounter_id', 'visit_id')], "child.encounter_type = 'O'") }}
    union all
    {{ changed_parent_months('fct_fee_line', 'his_fee', 'fee_time', 'his_admission', [('encounter_id', 'adm_id')], "child.encounter_type = 'I'") }}
    union all
    {{ changed_line_months('fct_insurance_line', 'yb_fee_list_d', 'bkkp_sn', 'init_feedetl_sn', 'fee_ocur_time') }}
    union all
    {{ changed_parent_months('prescriptions', 'his_rx', 'rx_time', 'his_rx', [('rx_id', 'rx_id')]) }}
    union all
    {{ changed_parent_months('prescriptions', 'his_rx', 'rx_time', 'his_rx_item', [('rx_id', 'rx_id')]) }}
    union all
    {{ changed_parent_months('prescriptions', 'his_rx', 'rx_time', 'his_outp_diag', [('visit_id', 'visit_id')]) }}
    union all
    {{ changed_drug_months() }}
    {%- endif %}
),

facts as (
    select
        'prescriptions' as touched_fact,
        'fct_prescription' as fact
    union all
    select
        'prescriptions' as touched_fact,
        'fct_prescription_line' as fact
    union all
    select
        'fct_fee_line' as touched_fact,
        'fct_fee_line' as fact
    union all
    select
        'fct_insurance_line' as touched_fact,
        'fct_insurance_line' as fact
),

changed as (
    select distinct
        facts.fact,
        touched.org_code,
        touched.changed_month
    from touched
    inner join facts on touched.fact = facts.touched_fact
)

select * from changed
