"""Live capture: interfaces as sources, through the kernel's memory-mapped rings (Linux only)."""
