"""What traffic and logs show of what registers hold, or should: seen, compared, proposed, never written by itself."""
