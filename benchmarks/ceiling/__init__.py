"""How fast it could be: one statement of hand-written SQL makes the whole answer."""
