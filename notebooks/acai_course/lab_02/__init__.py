"""Lab 02, autoencoders."""
