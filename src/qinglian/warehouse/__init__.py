"""The PostgreSQL warehouse: embedded server, databases, roles, schemas, load."""
