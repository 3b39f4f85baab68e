"""Lab 06b, realistic paths."""
