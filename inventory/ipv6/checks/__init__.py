"""The checks: functions of a measurement, each by its id, in the order of the table in docs/ipv6.md."""
