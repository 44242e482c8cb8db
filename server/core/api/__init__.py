"""What the apps' REST doors share: reading input, writing answers, pages, tags, the schema."""
