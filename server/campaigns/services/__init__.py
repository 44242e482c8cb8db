"""The use cases of campaigns: of one at a time, and of many."""
