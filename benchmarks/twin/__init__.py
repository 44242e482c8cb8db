"""What a competent tutorial gives: the same API, the way that most would write it."""
