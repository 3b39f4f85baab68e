"""Lab 05b, the critic, audited."""
