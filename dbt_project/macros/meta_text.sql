{#- An entry of an indicator's metadata as text: a plain value, or the Chinese text of a list of notes. -#}
{% macro meta_text(value, language='zh') -%}
    {%- if value is none or value is undefined -%}
    {%- elif value is string or value is not iterable -%}
    {{ value | string | trim }}
    {%- else -%}
        {%- for note in value -%}
    {{ note[language] if note is mapping else note }}{{ '' if loop.last else ('；' if language == 'zh' else '; ') }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
