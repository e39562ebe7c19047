{#- Generic test: a net line with a positive quantity has no negative amount. -#}
{% test net_amount_not_negative(model) %}
    select *
    from {{ model }}
    where net_amount < 0
{% endtest %}
