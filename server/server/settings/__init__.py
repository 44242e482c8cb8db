"""Settings: base is shared; development, production and testing each complete it."""
