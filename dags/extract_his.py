"""Airflow DAG: extract, check and load every source of his, one mapped task a source."""

from qinglian.extract_dag import extract_dag

extract_dag("his", "医院信息系统")
