"""Lab 06a, the realism index."""
