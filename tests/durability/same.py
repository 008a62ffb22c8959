"""One run, ten runs and concurrent runs over the same log files give the same rows.

usage: same.py PROGRAM TRAIL [--endpoint URL] [--concurrent N]
"""

import argparse
import shutil
import tempfile
import time

import places
import rows
from program import Program, split


def together(program, home, shares):
    """Converts each share by a process of its own, all at once."""
    processes = [program.start(("convert", *share), home) for share in shares]
    for process in processes:
        _, problems = process.communicate(timeout=600)
        assert process.returncode == 0, f"ended with {process.returncode}: {problems}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("trail")
    parser.add_argument("--endpoint", help="server that speaks S3; otherwise the local disk")
    parser.add_argument("--concurrent", type=int, default=4)
    arguments = parser.parse_args()
    place = places.Bucket(arguments.endpoint) if arguments.endpoint else places.Disk()
    program = Program(arguments.program, place)
    trail = tempfile.mkdtemp(prefix="ecstrail-durability-")
    try:
        folders = split(arguments.trail, trail, 10)
        one = place.new_home()
        program.run(("convert", *folders), one)
        wanted = rows.read(place, one)

        def compare(name, home, started):
            rows.check_nothing_foreign(place, home)
            found = rows.read(place, home)
            assert found.select(wanted.column_names).equals(wanted), f"{name} gave other rows"
            seconds = time.monotonic() - started
            print(f"{name}: the same {found.num_rows} rows ({seconds:.0f} s)", flush=True)

        home, started = place.new_home(), time.monotonic()
        for folder in folders:
            program.run(("convert", folder), home)
        compare("10 runs", home, started)
        number = arguments.concurrent
        home, started = place.new_home(), time.monotonic()
        together(program, home, [folders] * number)
        compare(f"{number} concurrent runs of everything", home, started)
        home, started = place.new_home(), time.monotonic()
        together(program, home, [folders[share::number] for share in range(number)])
        compare(f"{number} concurrent runs of a share each", home, started)
        if arguments.endpoint:
            program.run(("recover",), home)
            assert place.uploads(home) == 0, "uploads were begun and never ended"
    finally:
        shutil.rmtree(trail, ignore_errors=True)
        place.close()


if __name__ == "__main__":
    main()
