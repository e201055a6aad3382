"""The embedded store: Parquet segments by day and dataset, a SQLite manifest, read through DuckDB."""
