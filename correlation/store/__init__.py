"""Event stores behind one port: embedded (Parquet, SQLite, DuckDB), Elasticsearch, and one in memory as their oracle."""
