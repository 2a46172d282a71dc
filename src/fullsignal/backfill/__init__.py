"""Orders and leads of the past, from a file into the journal: once, and behind what is live."""
