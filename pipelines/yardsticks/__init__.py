"""Measures of how near the models come to what is true, where the truth is known."""
