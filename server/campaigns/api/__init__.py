"""The REST door to campaigns."""
