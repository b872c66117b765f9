"""The features that a company has: the catalogue's, its own, and those of its attributes."""
