{#- Tables whose rows core answers for one by one, and the columns that tell a row within its organisation. -#}
{% macro keys_answered_for() -%}
    {{ return({
        'his_fee': ['fee_id'],
        'yb_fee_list_d': ['bkkp_sn'],
        'his_settle': ['settle_id'],
        'yb_setl_d': ['setl_id'],
        'pr_order': ['order_id', 'line_no'],
        'his_rx': ['rx_id'],
        'his_rx_item': ['rx_item_id'],
        'his_outp_visit': ['visit_id'],
    }) }}
{%- endmacro %}
