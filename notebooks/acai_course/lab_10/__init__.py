"""Lab 10, beyond."""
