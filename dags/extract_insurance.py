"""Airflow DAG: extract, check and load every source of insurance, one mapped task a source."""

from qinglian.extract_dag import extract_dag

extract_dag("insurance", "医保结算")
