"""The pages of accounts, for people."""
