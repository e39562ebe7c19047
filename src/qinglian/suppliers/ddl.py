"""The operations tables of the resolution of suppliers, to which rows are only added."""

OPS_SUPPLIER_DDL = """
create table if not exists ops.supplier_resolution (
    resolution_id bigint generated always as identity primary key,
    resolved_at timestamp not null,
    batch_id bigint,
    model_version text not null,
    input_digest char(64) not null,
    records integer not null,
    suppliers integer not null
);
comment on table ops.supplier_resolution is
    '供应商识别：一行一次识别；记录、模型与人工结论不变则不再识别';
comment on column ops.supplier_resolution.batch_id is '所读供应商数据的最后批次';
create table if not exists ops.supplier_member (
    resolution_id bigint not null references ops.supplier_resolution,
    record_id text not null,
    org_code varchar(12),
    supplier_code text,
    role text not null,
    name text not null,
    supplier_id text not null,
    primary key (resolution_id, record_id)
);
comment on table ops.supplier_member is
    '供应商记录归入的主体；org_code 为空的是药品耗材目录中的生产企业';
create table if not exists ops.supplier_match (
    resolution_id bigint not null references ops.supplier_resolution,
    record_a text not null,
    record_b text not null,
    probability double precision not null check (probability between 0 and 1),
    outcome text not null
        check (outcome in ('merged', 'confirmed', 'split', 'other_code', 'review')),
    evidence jsonb not null,
    primary key (resolution_id, record_a, record_b)
);
comment on table ops.supplier_match is
    '供应商记录两两比对：同一主体的概率、各字段的证据与权重（比特）、处理结果；内容相同的记录只以其一出现';
create table if not exists ops.supplier_affiliation (
    resolution_id bigint not null references ops.supplier_resolution,
    supplier_a text not null,
    supplier_b text not null,
    relation text not null,
    shared_by integer not null,
    primary key (resolution_id, supplier_a, supplier_b, relation)
);
comment on table ops.supplier_affiliation is '关联企业：股东、法定代表人、账号或电话与地址相同';
comment on column ops.supplier_affiliation.shared_by is '共有该值的主体数，取最少者';
create table if not exists ops.supplier_decision (
    decision_id bigint generated always as identity primary key,
    record_a text not null,
    record_b text not null check (record_a < record_b),
    action text not null check (action in ('confirm', 'split')),
    decided_at timestamp not null default localtimestamp,
    decided_by text not null check (trim(decided_by) <> ''),
    reason text not null check (trim(reason) <> '')
);
comment on table ops.supplier_decision is
    '人工结论，只增不改，后者为准：confirm 两条记录为同一主体，split 不是；每次识别都照此执行';
"""
