"""Simulated companies whose truth is known: customers with hidden states, from which all that is seen follows."""
