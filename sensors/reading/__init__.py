"""Reading inputs: what a portion is, files with their fingerprints, lines, and the choice of a format."""
