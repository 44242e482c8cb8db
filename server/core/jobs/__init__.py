"""Jobs: what is done later, by a worker (docs/operations.md, "The worker")."""
