"""Keep answers: where they are kept, and how one of many who want the same builds it.

Whoever keeps answers puts all that they depend on into their keys, so that a key's answer never
changes and nothing ever has to be invalidated (docs/adr/0015-kept-answers.md). What is kept is
declared by each app, in its ``caching.py``.
"""
