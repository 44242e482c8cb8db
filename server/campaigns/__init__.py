"""Campaigns and their rate cards."""
