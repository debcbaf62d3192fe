"""Django's PostgreSQL, for a server that may be absent for hours."""
