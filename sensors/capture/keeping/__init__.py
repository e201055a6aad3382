"""Original packets on disk: a ring of pcapng segments, found again by time and by the hosts that spoke."""
