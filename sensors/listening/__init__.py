"""What comes over the network: syslog, HTTP and `_bulk`, NetFlow; received, cut into messages, spooled, answered."""
