"""The parts of a run, one module each: what a command does not use, it does not load."""
