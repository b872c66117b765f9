"""The path walked: settings, Prefect flows and the command line."""
