"""Airflow DAG: extract, check and load every source of supervision, one mapped task a source."""

from qinglian.extract_dag import extract_dag

extract_dag("supervision", "监督台账")
