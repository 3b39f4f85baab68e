"""`python -m acai_lite data|train|study`."""
import sys

from .runs.command_line import main

if __name__ == "__main__":
    sys.exit(main())
