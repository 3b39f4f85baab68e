"""Lab 05a, the critic."""
