"""Lab 03, a zoo of autoencoders."""
