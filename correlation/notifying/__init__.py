"""Notification: alerts become messages, few where they are many, and each is delivered or told to have failed."""
