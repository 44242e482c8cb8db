"""A business to look at: the same few hundred campaigns each time, made by the services."""
