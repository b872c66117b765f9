"""The guards that look for leaks in features and attributes."""
