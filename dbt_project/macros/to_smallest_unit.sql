{#-
    A quantity in the smallest unit (tablet, vial), null where the unit is neither the pack nor the
    smallest unit: such a row is flagged and never counted, since a wrong guess is off by the pack
    ratio. Most false positives on quantities come from here.
-#}
{% macro to_smallest_unit(qty, unit, pack_unit, min_unit, pack_ratio) -%}
    case
        when {{ unit }} = {{ min_unit }} then {{ qty }}
        when {{ unit }} = {{ pack_unit }} then {{ qty }} * {{ pack_ratio }}
    end
{%- endmacro %}
