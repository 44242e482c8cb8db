"""How often one client may ask: limits, who counts, and what an answer says about it."""
