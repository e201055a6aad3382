"""NetFlow v5, v9 and IPFIX: packets taken apart, templates kept, records decoded by template into ECS columns."""
