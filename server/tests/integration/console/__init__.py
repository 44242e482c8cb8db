"""The console, through its pages."""
