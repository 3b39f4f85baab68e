"""What runs for long or from a shell: the study, its tables, films, the command line."""
