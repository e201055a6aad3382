"""What other programs know of the same things: their exports in, proposals for our registers out."""
