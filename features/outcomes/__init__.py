"""What may happen to an account, whom it is asked of, and whether it did."""
