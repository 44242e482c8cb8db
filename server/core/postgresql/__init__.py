"""Django's PostgreSQL, quicker where every request pays: moments, and pooled connections."""
