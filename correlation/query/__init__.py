"""Queries: Lucene syntax parsed once into a tree that each store translates."""
