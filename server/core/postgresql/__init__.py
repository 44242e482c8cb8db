"""Django's PostgreSQL, quicker where every request pays: moments, statements, connections."""
