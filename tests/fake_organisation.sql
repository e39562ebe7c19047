-- The marts behind the page of one hospital.
create table marts.lead_entity (
    lead_id varchar(32) not null,
    org_code varchar(12) not null,
    entity_type varchar(20) not null,
    entity_id varchar(60) not null,
    period_month date,
    primary key (lead_id, entity_type, entity_id)
);
create table marts.organisation_family_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    family varchar(30) not null,
    family_zh varchar(30),
    period_month date not null,
    light varchar(10) not null,
    light_zh varchar(10),
    lead_count integer,
    red_count integer,
    risk_gross numeric(18, 2),
    risk_fund numeric(18, 2),
    coverage_ratio numeric(5, 4),
    primary key (org_code, family, period_month)
);
create table marts.organisation_comparison (
    org_code varchar(12) not null,
    org_name varchar(200),
    peer_group varchar(60),
    measure_no integer,
    measure varchar(20) not null,
    measure_zh varchar(60),
    unit_zh varchar(10),
    value numeric(18, 4),
    peer_median numeric(18, 4),
    peer_n integer,
    place integer,
    reason_zh varchar(60),
    of_all_families boolean not null,
    primary key (org_code, measure)
);
