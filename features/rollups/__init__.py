"""Events added up by day, and kept from build to build so that a new day costs a new day."""
