{#-
    Whether an identification (UDI) names one piece: with a serial number, GS1's part (21). One that is written in
    GS1's parts and has none names a lot, and so may stand on many lines. Other forms are taken for a piece's own.
-#}
{% macro names_one_piece(udi) -%}
    coalesce({{ udi }} like '%(21)%' or {{ udi }} not like '%(01)%', false)
{%- endmacro %}
