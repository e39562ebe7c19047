"""Airflow DAG: extract, check and load every source of procurement, one mapped task a source."""

from qinglian.extract_dag import extract_dag

extract_dag("procurement", "采购平台")
