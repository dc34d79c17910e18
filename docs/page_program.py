"""What the programs have in common that repeat the commands of a page."""
import argparse
import os
import pathlib
import shutil
import sys

DOCS = pathlib.Path(__file__).resolve().parent


def main(description, make, check):
    """Calls make(program), or check(program) with --check, where `program` is descent."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--descent", default=str(DOCS.parent / "descent"), metavar="PROGRAM", help="another program")
    options = parser.parse_args()
    os.environ["DESCENT_SIMD"] = "baseline"  # what every processor has: faster ones differ in the last digits
    program = shutil.which(options.descent)
    if not program:
        sys.exit(f"{options.descent}: no such program; build it first: ./descent --help")
    (check if options.check else make)(str(pathlib.Path(program).resolve()))
