"""The REST door to accounts."""
