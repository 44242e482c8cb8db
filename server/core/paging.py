"""What all reads of numbered pages agree on, by hand or through a QuerySet."""

from __future__ import annotations

DEEP = 1_000
"""Rows that a page lies behind, from which on it is found by its ids, before it is read whole."""
