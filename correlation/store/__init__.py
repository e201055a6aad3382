"""Event stores behind one port: embedded and Elasticsearch."""
