"""Features, labels and facts as of a day, as files."""
