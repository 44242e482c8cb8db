"""Django's PostgreSQL, with a quicker look at whether a pooled connection still lives."""
