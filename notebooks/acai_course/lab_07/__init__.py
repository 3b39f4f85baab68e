"""Lab 07, what the code knows."""
