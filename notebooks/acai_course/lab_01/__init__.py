"""Lab 01, a ruler before a model."""
