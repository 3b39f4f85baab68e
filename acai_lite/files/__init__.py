"""What a run needs around the mathematics: threads, progress, files with receipts, films, tables, the command line."""
