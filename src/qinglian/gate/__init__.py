"""The gate: each landed batch is checked against its contract before it may enter the warehouse."""
