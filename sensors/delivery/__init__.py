"""Delivery: the spool with its consumers, the loss ledger, the quarantine, retention."""
