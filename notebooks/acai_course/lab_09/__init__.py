"""Lab 09, the full CIFAR-10 run."""
