"""Companies to run: a simulated one, and adapters for public data."""
