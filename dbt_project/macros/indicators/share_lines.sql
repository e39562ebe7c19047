{#-
    Select: the prescription lines behind a doctor's share in a quarter, as `line_evidence` reads them.

    `subjects` has what `with_evidence` asks for, doctor_code, `match`, value (the share) and excess_share (the part of
    it beyond the peers'). `lines` are prescription lines with quarter_start and `of`, which is what `match` names.
    Each line gives its part of the share by `weight`, a column of it, and of its amount the part beyond the peers'.
-#}
{% macro share_lines(subjects, lines, match, of, weight) -%}
    select
        subject.org_code,
        subject.subject_id,
        subject.period_start,
        subject.outcome,
        line.rx_item_id,
        subject.value * line.{{ weight }} / nullif(sum(line.{{ weight }}) over own_lines, 0) as value,
        line.amount * subject.excess_share as risk_gross
    from {{ subjects }} as subject
    inner join {{ lines }} as line
        on
            line.org_code = subject.org_code
            and line.doctor_code = subject.doctor_code
            and line.quarter_start = subject.period_start
            and line.{{ of }} = subject.{{ match }}
    where subject.outcome in ('fired', 'guarded')
    window own_lines as (partition by subject.org_code, subject.subject_id, subject.period_start)
{%- endmacro %}
