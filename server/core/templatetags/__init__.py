"""What templates of any app may load."""
