{#- Entries of core_of_landing() in one dictionary: table -> entry. -#}
{% macro landed_tables() -%}
    {% set tables = {} %}
    {% for group in core_of_landing().values() %}{% do tables.update(group) %}{% endfor %}
    {{ return(tables) }}
{%- endmacro %}

{#-
    Select: rows of the staging views of `tables` (table -> entry of core_of_landing) with their fate, due_in_core where
    none holds, and core's rows of them with fate in_core: table_name, org_code, row_key, happened_at, period_month, fate.
-#}
{% macro row_fates(tables) -%}
    {%- for table, entry in tables.items() if entry.rows %}
    {{ fates_of_table(table, entry) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro fates_of_table(table, entry) -%}
    select
        '{{ table }}' as table_name,
        landed.org_code,
        {{ row_key_of('landed', entry.key) }} as row_key,
        {{ entry.happened_at[0] if entry.happened_at else 'cast(null as timestamp)' }} as happened_at,
        {{ entry.month[0] if entry.month else 'cast(null as date)' }} as period_month,
        {{ fate_of(entry) }} as fate
    from {{ ref(entry.rows) }} as landed
    {{- fate_joins(entry.joins, 'landed') }}
    {%- if entry.core %}
    union all
    select{{ ' distinct' if entry.core.distinct }}
        '{{ table }}' as table_name,
        held.org_code,
        {{ row_key_of('held', entry.core.key or entry.key) }} as row_key,
        {{ entry.happened_at[1] if entry.happened_at else 'cast(null as timestamp)' }} as happened_at,
        {{ entry.month[1] if entry.month else 'cast(null as date)' }} as period_month,
        'in_core' as fate
    from {{ core_rows(table, entry) }}
    {%- endif %}
{%- endmacro %}

{#-
    Select: as row_fates, of the entries that carry money: table_name, org_code, period_month, fate, amount. The month is
    that of the row, else of the run that brought it.
-#}
{% macro money_fates() -%}
    {%- set tables = [] -%}
    {%- for table, entry in landed_tables().items() if entry.amount %}{% do tables.append((table, entry)) %}{% endfor -%}
    {%- for table, entry in tables %}
    select
        '{{ table }}' as table_name,
        landed.org_code,
        {{ money_month(entry, 'landed', 0) }} as period_month,
        {{ fate_of(entry) }} as fate,
        landed.{{ entry.amount[0] }} as amount
    from {{ ref(entry.rows) }} as landed
    left join {{ ref('stg_ops__batch') }} as batches on landed.batch_id = batches.batch_id
    {{- fate_joins(entry.joins, 'landed') }}
    union all
    select
        '{{ table }}' as table_name,
        held.org_code,
        {{ money_month(entry, 'held', 1) }} as period_month,
        'in_core' as fate,
        held.{{ entry.amount[1] }} as amount
    from {{ ref(entry.core.relation) }} as held
    left join {{ ref('stg_ops__batch') }} as batches on held.batch_id = batches.batch_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Relations behind an entry's fates: those of its joins, each `alias` with one row a key. -#}
{% macro fate_joins(joins, from) -%}
    {%- for join in joins or [] %}
    left join (
        select
            {{ 'org_code,' if not join.shared }}
            {%- for column in join.on.values() %}
            {{ column }} as key_{{ loop.index0 }}{{ ',' if not loop.last or join.adds }}
            {%- endfor %}
            {%- for column in join.adds or [] %}
            {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(join.relation) }}
        {%- if join.where %}
        where {{ join.where }}
        {%- endif %}
        {%- if not join.unique %}
        group by {{ 'org_code, ' if not join.shared }}{{ join.on.values() | join(', ') }}
        {%- endif %}
        {%- if join.having %}
        having {{ join.having }}
        {%- endif %}
    ) as {{ join.as }}
        on
            {{ from ~ '.org_code = ' ~ join.as ~ '.org_code and' if not join.shared }}
            {%- for value in join.on %}
            {{ value }} = {{ join.as }}.key_{{ loop.index0 }}{{ ' and' if not loop.last }}
            {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{% macro fate_of(entry) -%}
    {%- if not entry.core -%}
    'not_in_core'
    {%- elif not entry.fates -%}
    'due_in_core'
    {%- else -%}
    case
        {%- for condition, fate in entry.fates %}
            when {{ condition }} then '{{ fate }}'
        {%- endfor %}
            else 'due_in_core'
        end
    {%- endif -%}
{%- endmacro %}

{#- Core's rows of a table, called `held`. -#}
{% macro core_rows(table, entry) -%}
    {{ ref(entry.core.relation) }} as held
    {%- if entry.core.of_batch %}
    inner join {{ ref('stg_ops__batch') }} as batches
        on held.batch_id = batches.batch_id and batches.table_name = '{{ table }}'
    {%- endif %}
    {{- fate_joins(entry.core.joins, 'held') }}
    {%- if entry.core.where %}
    where {{ entry.core.where }}
    {%- endif %}
{%- endmacro %}

{#- A row's key within its organisation as one text; the organisation itself where it has one row. -#}
{% macro row_key_of(alias, key) -%}
    {%- if not key -%}
    {{ alias }}.org_code
    {%- endif -%}
    {%- for column in key -%}
    {{ as_text(alias ~ '.' ~ column) }}{{ " || '#' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro money_month(entry, alias, side) -%}
    {%- if entry.month -%}
    coalesce({{ entry.month[side] }}, batches.run_month)
    {%- elif entry.dated -%}
    coalesce({{ month_of(alias ~ '.' ~ entry.dated[side]) }}, batches.run_month)
    {%- else -%}
    batches.run_month
    {%- endif -%}
{%- endmacro %}

{#-
    Select: rows, key numbers, first and last moment of `relation` by table, organisation, month and fate. A row without
    a month stands in that of the year 1.
-#}
{% macro fates_counted(relation) -%}
    select
        table_name,
        org_code,
        coalesce(period_month, cast('0001-01-01' as date)) as period_month,
        fate,
        cast(count(*) as bigint) as row_count,
        cast(sum({{ text_number('row_key') }}) as numeric(38, 0)) as key_number,
        min(happened_at) as first_at,
        max(happened_at) as last_at
    from {{ relation }}
    group by table_name, org_code, coalesce(period_month, cast('0001-01-01' as date)), fate
{%- endmacro %}

{#- Select: table_name, and each table on whose rows the fate of its own may depend (on_table), through others too. -#}
{% macro fates_depend_on() -%}
    {%- set tables = landed_tables() -%}
    {%- set found = {} -%}
    {%- for table, entry in tables.items() -%}
        {%- set on_tables = [] -%}
        {%- for join in entry.joins or [] -%}
            {%- for other, held in tables.items() if other != table -%}
                {%- if join.relation == held.rows or (held.core and join.relation == held.core.relation) -%}
                    {%- do on_tables.append(other) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do found.update({table: on_tables}) -%}
    {%- endfor -%}
    {%- set pairs = [] -%}
    {%- for table, direct in found.items() -%}
        {%- set reached = direct[:] -%}
        {#- Jinja goes on with what is added to the list meanwhile. -#}
        {%- for other in reached -%}
            {%- for further in found[other] if further not in reached and further != table -%}
                {%- do reached.append(further) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for other in reached -%}{%- do pairs.append((table, other)) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for table, other in pairs %}
    select
        '{{ table }}' as table_name,
        '{{ other }}' as on_table
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#-
    Select: an example of the keys that are due in core and missing, or there and not due, by table, organisation and
    month: table_name, org_code, period_month, example_key. Only tables in which quality.row_balance found a difference
    are read again, which is why it asks the database; where all is well nothing is read.
-#}
{% macro lost_keys() -%}
    {%- set balance = ref('row_balance') -%}
    {%- set differing = {} -%}
    {%- if not execute -%}
        {#- So that dbt knows what may be read. -#}
        {%- do row_fates(landed_tables()) -%}
    {%- elif flags.WHICH in ['build', 'test'] and load_relation(balance) -%}
        {%- set found = run_query("select distinct table_name from " ~ balance ~ " where step = 'present_to_core'") -%}
        {%- for table, entry in landed_tables().items() if table in found.columns[0].values() -%}
            {%- do differing.update({table: entry}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if differing %}
    select
        table_name,
        org_code,
        period_month,
        min(row_key) as example_key
    from (
        select
            table_name,
            org_code,
            coalesce(period_month, cast('0001-01-01' as date)) as period_month,
            row_key
        from (
            {{ row_fates(differing) }}
        ) as judged
        where fate in ('due_in_core', 'in_core')
        group by table_name, org_code, coalesce(period_month, cast('0001-01-01' as date)), row_key
        having sum(case fate when 'due_in_core' then 1 else -1 end) <> 0
    ) as unmatched
    group by table_name, org_code, period_month
    {%- else %}
    select
        cast(null as varchar(40)) as table_name,
        cast(null as varchar(12)) as org_code,
        cast(null as date) as period_month,
        cast(null as varchar(200)) as example_key
    where 1 = 0
    {%- endif %}
{%- endmacro %}
