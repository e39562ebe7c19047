-- A small hospital on the MySQL edition of 云启, with what such databases hold: ids beyond the signed
-- range, tinyint flags, zero dates, one table in GBK and one whose latin1 columns hold GBK bytes.
set sql_mode = '';

create table base_hospital (hosp_code varchar(12), hosp_name varchar(100), hosp_level_code char(2), hosp_type_code char(4), area_code char(6), bed_num int, is_public tinyint(1), updt_time datetime);
insert into base_hospital values ('H50010300199', '渝中区第九医院', '02', 'A100', '500103', 800, 1, '2025-01-01');

create table base_dept (code varchar(10), name varchar(50), nation_code varchar(10), insure_code varchar(10), type_code char(1), up_code varchar(10), is_valid tinyint(1), updt_time datetime) default charset = gbk;
insert into base_dept values ('1001', '心血管内科门诊', 'A03.04', 'A03.04', '1', null, 1, '2025-01-01'), ('1002', '骨科病区', 'A04.03', 'A04.03', '3', null, 1, '2025-01-01');

create table sys_user (code varchar(10), name varchar(50), cert_no varchar(18), practice_certificate_no varchar(20), dept_code varchar(10), duties_code char(1), antibacterial_code tinyint(1), is_narcotic tinyint(1), pres_begin_date date, pres_end_date date, status_code char(1), updt_time datetime);
insert into sys_user values ('D01', '张三', '11010519491231002X', 'D500103000001', '1001', '3', 2, 1, '2020-01-01', '0000-00-00', '1', '2025-01-01');

create table base_drug (code varchar(20), nation_code varchar(30), usual_name varchar(80), good_name varchar(80), type_code char(1), prep_name varchar(30), is_injection tinyint(1), spec varchar(60), dosage decimal(16, 6), dosage_unit_name varchar(10), unit_name varchar(10), split_unit_name varchar(10), split_ratio decimal(12, 4), ddd decimal(16, 6), ddd_unit_name varchar(10), atc_code varchar(10), antibacterial_code tinyint, is_basic tinyint(1), is_monitor tinyint(1), is_vbp tinyint(1), vbp_batch varchar(10), is_nego tinyint(1), is_solvent tinyint(1), prod_name varchar(80), prod_uscc char(18), approval_no varchar(40), last_buy_price decimal(16, 6), price decimal(16, 6), updt_time datetime);
insert into base_drug values ('Y0001', 'XC10AAA102A001010100001', '阿托伐他汀钙片', null, '1', '片剂', 0, '20mg*7', 20, 'mg', '盒', '片', 7, 20, 'mg', 'C10AA05', null, 1, 0, 1, '1', 0, 0, '某药业', null, '国药准字H1', 5.123456, 6.6, '2025-01-01');

create table base_material (code varchar(20), nation_code varchar(30), name varchar(80), reg_cert_no varchar(40), prod_name varchar(80), prod_uscc char(18), is_high tinyint(1), is_reagent tinyint(1), is_charge tinyint(1), is_vbp tinyint(1), unit_name varchar(10), split_unit_name varchar(10), split_ratio decimal(12, 4), last_buy_price decimal(16, 6), price decimal(16, 6), updt_time datetime);
insert into base_material values ('C0001', null, '一次性注射器', null, '某器械', null, 0, 0, 1, 0, '盒', '支', 100, 50, 0.8, '2025-01-01');

create table base_item (code varchar(20), nation_code varchar(30), name varchar(80), type_code char(2), unit_name varchar(10), one_price decimal(16, 6), intension text, except_content text, remark text, is_auto tinyint(1), valid_date date, updt_time datetime);
insert into base_item values ('S0001', '001102000010000', '普通门诊诊察费', '02', '次', 12.5, '含挂号', null, null, 0, '0000-00-00', '2025-01-01');

create table outpt_profile (id bigint unsigned, cert_no varchar(18), gender_code char(1), birthday date, insure_no varchar(30), is_staff tinyint(1), updt_time datetime);
insert into outpt_profile values (18446744073709551615, '110105491231002', '1', '1949-12-31', 'P1', 0, '2025-01-02 08:00:00'), (2, null, null, '0000-00-00', null, 0, '2025-01-02 08:00:00');

create table outpt_register (id bigint unsigned, profile_id bigint unsigned, register_no varchar(20), register_time datetime, dept_code varchar(10), doctor_code varchar(10), source_code char(2), is_cancel tinyint(1), updt_time datetime);
insert into outpt_register values (1, 18446744073709551615, 'R1', '2025-01-02 08:00:00', '1001', 'D01', '11', 0, '2025-01-02 08:00:00'), (2, 2, 'R2', '2025-01-02 09:00:00', '1001', 'D01', '13', 1, '2025-01-02 09:00:00');
create table outpt_visit (register_id bigint unsigned, visit_time datetime, is_first tinyint(1), pay_type_code char(2), medical_regno varchar(30), updt_time datetime);
insert into outpt_visit values (1, '2025-01-02 08:30:00', 1, '01', 'M1', '2025-01-02 08:40:00');

-- An old table: latin1 columns that hold GBK bytes.
create table outpt_diagnose (id bigint unsigned, visit_id bigint unsigned, seq tinyint, is_main tinyint(1), disease_code varchar(10), disease_name varchar(100) character set latin1, crte_time datetime, updt_time datetime);
insert into outpt_diagnose values (1, 1, 1, 1, 'I10.x00', convert(cast(convert('原发性高血压' using gbk) as binary) using latin1), '2025-01-02 08:35:00', '2025-01-02 08:35:00');

create table outpt_prescribe (id bigint unsigned, order_no varchar(20), visit_id bigint unsigned, profile_id bigint unsigned, prescribe_type_code char(1), doctor_code varchar(10), dept_code varchar(10), crte_time datetime, audit_code varchar(10), dist_code varchar(10), valid_days tinyint, is_long tinyint(1), long_reason varchar(100), status_code char(1), cancel_time datetime, herb_num smallint, updt_time datetime);
insert into outpt_prescribe values (1, 'CF1', 1, 18446744073709551615, '1', 'D01', '1001', '2025-01-02 08:36:00', null, null, 3, 0, null, '1', '0000-00-00 00:00:00', null, '2025-01-02 08:36:00');
create table outpt_prescribe_detail (id bigint unsigned, op_id bigint unsigned, group_no varchar(5), item_code varchar(20), dosage decimal(16, 6), dosage_unit varchar(10), rate_code varchar(10), rate_num decimal(8, 4), usage_code varchar(10), use_days decimal(8, 2), num decimal(16, 4), unit_name varchar(10), split_num decimal(16, 4), price decimal(16, 6), total_price decimal(16, 2), skin_result varchar(10), is_self tinyint(1), updt_time datetime);
insert into outpt_prescribe_detail values (1, 1, null, 'Y0001', 20, 'mg', 'qd', 1, 'po', 14, 2, '盒', 14, 6.6, 13.2, null, 0, '2025-01-02 08:36:00');

create table inpt_visit (id bigint unsigned, in_no varchar(20), profile_id bigint unsigned, in_count int, in_time datetime, out_time datetime, in_dept_code varchar(10), out_dept_code varchar(10), in_mode_code char(1), out_mode_code char(1), zz_doctor_code varchar(10), jz_doctor_code varchar(10), bed_name varchar(10), pay_type_code char(2), medical_regno varchar(30), case_no varchar(20), is_readmit_plan tinyint(1), is_cancel tinyint(1), updt_time datetime);
insert into inpt_visit values (9, 'ZY1', 18446744073709551615, 1, '2025-01-03 10:00:00', '0000-00-00 00:00:00', '1002', null, '1', null, 'D01', 'D01', '12床', '01', 'M2', 'B1', 0, 0, '2025-01-03 10:00:00');

create table outpt_cost (id bigint unsigned, old_cost_id bigint unsigned, visit_id bigint unsigned, profile_id bigint unsigned, cost_time datetime, crte_time datetime, item_kind_code char(1), item_code varchar(20), item_name varchar(80), nation_code varchar(30), fee_type_code char(2), num decimal(16, 4), unit_name varchar(10), price decimal(16, 6), total_price decimal(16, 2), opd_id bigint unsigned, dept_code varchar(10), doctor_code varchar(10), exec_dept_code varchar(10), crte_code varchar(10), feedetl_sn varchar(30), is_upload tinyint(1), settle_id bigint unsigned, is_auto tinyint(1), updt_time datetime);
create table inpt_cost like outpt_cost;
insert into outpt_cost values (18446744073709551614, null, 1, 18446744073709551615, '2025-01-02 09:00:00', '2025-01-02 09:00:00', '1', 'Y0001', '阿托伐他汀钙片', 'XC10AAA102A001010100001', '09', 2, '盒', 6.6, 13.20, 1, '1001', 'D01', '1001', 'C01', 'F1', 1, 1, 0, '2025-01-02 09:00:00');
insert into outpt_cost values (3, null, 1, 18446744073709551615, '0000-00-00 00:00:00', '2025-01-02 09:00:00', '3', 'S0001', '普通门诊诊察费', '001102000010000', '02', 1, '次', 12.5, 12.50, null, '1001', 'D01', '1001', 'C01', 'F2', 1, 1, 0, '2025-01-02 09:00:00');
insert into inpt_cost select seq, null, 9, 18446744073709551615, date_add('2025-01-03 10:00:00', interval seq minute), '2025-01-04', '3', 'S0001', '床位费🛏', '001102000010000', '01', 1, '日', 0.1, 0.10, null, '1002', 'D01', '1002', 'C01', null, 0, null, 1, '2025-01-04' from seq_100_to_1299;

create table outpt_settle (id bigint unsigned, red_id bigint unsigned, visit_id bigint unsigned, settle_no varchar(20), settle_time datetime, settle_type_code char(1), total_price decimal(16, 2), mi_price decimal(16, 2), acct_pay decimal(16, 2), self_price decimal(16, 2), hosp_price decimal(16, 2), source_pay_code char(2), crte_code varchar(10), refund_reason varchar(100), refund_audit_code varchar(10), insure_settle_id varchar(30), updt_time datetime);
create table inpt_settle like outpt_settle;
insert into outpt_settle values (1, null, 1, 'FP1', '2025-01-02 09:30:00', '1', 13.20, 10.10, 3.10, 0, 0, '01', 'C01', null, null, 'S1', '2025-01-02 09:30:00');
