"""Management commands about accounts."""
