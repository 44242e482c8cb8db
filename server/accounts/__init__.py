"""Who signs in: accounts, their sessions and their API keys."""
