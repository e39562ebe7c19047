"""Airflow DAG: extract, check and load every source of reference, one mapped task a source."""

from qinglian.extract_dag import extract_dag

extract_dag("reference", "规则库")
