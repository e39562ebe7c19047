"""The long-running processes of one installation: Airflow and Superset."""
