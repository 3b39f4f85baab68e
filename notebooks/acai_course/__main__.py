"""`python -m acai_course doctor|board`: is this machine ready, and what has a class guessed and
passed?"""
import argparse
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m acai_course", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="is this machine ready for the course?")
    doctor.add_argument("--class", dest="learners", type=int, default=0, metavar="N",
                        help="does it hold N learners at once?")
    board = commands.add_parser("board", help="what a class has guessed and passed: a folder of "
                                              "students' passports")
    board.add_argument("folder", type=Path, help="one .json file a student, named after them")
    board.add_argument("--out", type=Path, metavar="PICTURE",
                       help="also write the histograms, as board.png")
    args = parser.parse_args(argv)
    try:
        return _doctor(args) if args.command == "doctor" else _board(args)
    except (ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _doctor(args):
    from .doctor import ready
    return ready(args.learners)


def _board(args):
    from .board import figure, merge, table
    board = merge(args.folder)
    print(table(board))
    if args.out:
        figure(board).savefig(args.out, dpi=100, bbox_inches="tight")
        print(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
