{#- Metrics of a doctor's month (peers.peer_prescribing_score) that are watched for a change against the own past (CH01). -#}
{% macro watched_metrics() -%}
    ('log_avg_amount', 'key_share', 'antibacterial_rate', 'injection_rate', 'essential_share')
{%- endmacro %}
