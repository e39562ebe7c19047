"""Landing zone: one immutable Parquet file a batch, its hash chained in the ledger."""
