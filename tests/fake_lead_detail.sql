-- The marts behind the page of one lead.
create table marts.lead_detail (
    lead_id varchar(32) not null,
    org_code varchar(12) not null,
    section varchar(20) not null,
    item_no integer not null,
    item_zh varchar(200),
    content_zh varchar(2000),
    item_en varchar(200),
    content_en varchar(2000),
    is_active boolean,
    primary key (lead_id, item_no)
);
create table marts.lead_batch (
    lead_id varchar(32) not null,
    org_code varchar(12) not null,
    source_table varchar(30) not null,
    source_table_zh varchar(60),
    batch_id bigint not null,
    evidence_rows integer,
    source_id varchar(100),
    as_of date,
    extracted_at timestamp,
    extracted bigint,
    loaded bigint,
    file_path varchar(500),
    file_sha256 varchar(64),
    primary key (lead_id, source_table, batch_id)
);
create table marts.lead_neighbour (
    lead_id varchar(32) not null,
    other_lead_id varchar(32) not null,
    org_code varchar(12) not null,
    is_same_subject boolean,
    is_same_doctor boolean,
    shared_rows integer,
    shared_encounters integer,
    primary key (lead_id, other_lead_id)
);
