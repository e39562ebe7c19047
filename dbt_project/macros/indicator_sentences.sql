{#-
    Select: the sentence shown with a lead of one type of subject (indicator_id, subject_type, sentence),
    where the metadata has one of its own (explanations_zh) beside the general one (explanation_zh).
-#}
{% macro indicator_sentences() -%}
    {%- set sentences = [] -%}
    {%- for meta in indicator_metadata() -%}
        {%- for subject_type, words in (meta.get('explanations_zh') or {}).items() -%}
            {%- do sentences.append((meta.indicator_id, subject_type, words)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for indicator_id, subject_type, words in sentences %}
    select
        '{{ indicator_id }}' as indicator_id,
        '{{ subject_type }}' as subject_type,
        {{ sql_text(words) }} as sentence
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        '' as indicator_id,
        '' as subject_type,
        '' as sentence
    where 1 = 0
    {%- endfor %}
{%- endmacro %}
