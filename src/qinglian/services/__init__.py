"""The long-running processes of one installation: Airflow, Superset and the data docs."""
