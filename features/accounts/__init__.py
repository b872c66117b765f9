"""What people are shown of accounts beside their scores: facts, weeks, promises, the rows behind a number."""
