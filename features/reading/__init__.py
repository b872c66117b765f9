"""A company's tables brought in: found, renamed, typed, checked, and without rows that are rejected or repeated."""
