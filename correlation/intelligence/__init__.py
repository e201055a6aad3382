"""Indicators of compromise: read from feeds, kept in a book, and looked up in every event before it is matched."""
