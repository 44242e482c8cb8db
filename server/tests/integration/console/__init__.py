"""The pages of the console, through Django's client."""
