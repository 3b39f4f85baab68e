"""`python -m acai_lite data|train|study|doctor|board`."""
import sys

from .support.command_line import main

if __name__ == "__main__":
    sys.exit(main())
