"""Management commands about campaigns."""
