"""Lab 04, adversaries."""
