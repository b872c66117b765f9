"""The data report: what a company brings, what is wrong with it, what is suspicious, and what its gaps cost."""
