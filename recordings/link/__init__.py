"""What the active node sends over the link for people who are signed in at the other one, and the asking for it."""
