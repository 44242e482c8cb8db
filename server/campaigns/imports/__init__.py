"""Imports: what is kept of them, and how their work is watched."""
