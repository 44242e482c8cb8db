"""Passwords are hashed with Argon2id, at a price that a small server can pay."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class ModestArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane (OWASP Password Storage Cheat Sheet).

    Django's 100 MiB for each attempt would let a handful of sign-ins exhaust the memory.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
