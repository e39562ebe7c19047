{#-
    What reversals take back from each line, one row a line that has any. A net line is the
    original plus these totals: the same as grouping all lines by coalesce(original, own id), but
    only the few reversals are aggregated.
-#}
{% macro reversal_totals(relation, original_id) -%}
    select
        org_code,
        {{ original_id }} as reversed_id,
        sum(qty) as qty,
        sum(amount) as amount,
        count(*) as reversal_count,
        max(batch_id) as batch_id
    from {{ relation }}
    where is_reversal
    group by org_code, {{ original_id }}
{%- endmacro %}
