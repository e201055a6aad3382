"""The Elasticsearch store: data streams with templates made from the table of fields."""
