-- The marts of the page on cross-checks, as their contracts describe them.
create table marts.reconciliation_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    period_month date not null,
    his_lines integer,
    insurance_lines integer,
    paired_lines integer,
    his_amount numeric(18, 2),
    insurance_amount numeric(18, 2),
    lines_a integer,
    amount_a numeric(18, 2),
    lines_b integer,
    amount_b numeric(18, 2),
    lines_c integer,
    amount_c numeric(18, 2),
    lines_d integer,
    amount_d numeric(18, 2),
    match_share numeric(9, 6),
    primary key (org_code, period_month)
);
create table marts.stock_billed_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    item_kind varchar(20) not null,
    item_code varchar(60) not null,
    item_label varchar(300) not null,
    period_month date not null,
    used_qty numeric(18, 4),
    billed_qty numeric(18, 4),
    gap numeric(18, 4),
    gap_amount numeric(18, 2),
    outcome varchar(20) not null,
    outcome_zh varchar(60) not null,
    primary key (org_code, item_kind, item_code, period_month)
);
create table marts.supply_chain_edge (
    lead_id varchar(32) not null,
    org_code varchar(12) not null,
    edge_no integer not null,
    stage integer not null,
    stage_zh varchar(60) not null,
    source_label varchar(300) not null,
    target_label varchar(300) not null,
    line_count integer,
    amount numeric(18, 2),
    primary key (lead_id, edge_no)
);
