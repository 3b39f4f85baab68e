"""Lab 08, the full MNIST run."""
