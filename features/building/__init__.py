"""From what features are made of to their values: one query a source, then plain arithmetic."""
