"""Event stores behind one port: embedded (Parquet, SQLite, DuckDB), Elasticsearch, and in memory as their oracle."""
