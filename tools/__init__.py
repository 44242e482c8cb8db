"""What makes files of the repository that are too large to write by hand."""
