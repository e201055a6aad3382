"""Hunting: rules asked of events that are stored already, with what is known of them today."""
