"""Requests with an ``Idempotency-Key``: done once, and answered alike however often they come."""
