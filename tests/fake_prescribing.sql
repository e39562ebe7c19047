-- The marts of the page on prescribing, as their contracts describe them.
create table marts.prescribing_doctor_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    doctor_code varchar(60) not null,
    subject_label varchar(300) not null,
    subject_label_en varchar(300) not null,
    dept_name varchar(200) not null,
    period_month date not null,
    metric varchar(40) not null,
    metric_zh varchar(60) not null,
    n integer,
    value numeric(18, 4),
    expected numeric(18, 4),
    limit_lower numeric(18, 4),
    limit_upper numeric(18, 4),
    peer_group varchar(120),
    peer_n integer,
    primary key (org_code, doctor_code, period_month, metric)
);
create table marts.prescribing_hospital_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    period_month date not null,
    measure varchar(40) not null,
    measure_zh varchar(60) not null,
    n integer,
    value numeric(18, 4),
    threshold numeric(18, 4),
    outcome_zh varchar(60),
    primary key (org_code, period_month, measure)
);
create table marts.prescribing_drug_month (
    org_code varchar(12) not null,
    org_name varchar(200),
    org_level_zh varchar(60),
    district_name varchar(60),
    setting varchar(20) not null,
    setting_zh varchar(60) not null,
    generic_name varchar(200) not null,
    period_month date not null,
    use_count integer,
    course_count integer,
    amount numeric(18, 2),
    supported_amount numeric(18, 2),
    ddds numeric(18, 4),
    primary key (org_code, setting, generic_name, period_month)
);
