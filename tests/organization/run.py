"""Converts the trail of a simulated organization day by day, counts every request, and compares all rows.

usage: run.py PROGRAM PORT [--accounts N] [--regions N] [--days N] [--rounds N] [--late-days N] [--seed S]
              [--latency MS] [--seconds N] [--compact]

PORT is that of an S3 server on loopback, which holds the datasets. An organization of hundreds of
thousands of log files: --accounts 40 --regions 17 --days 365 --rounds 30 --latency 50.
"""

import argparse
import datetime
import http.client
import pathlib
import sys
import tempfile
import time

import alike
import checks
import report
import starts
from bucket import Bucket
from delivery import Calendar
from organization import Organization
from program import Program
from server import Server

FIRST_ROUND = datetime.date(2026, 6, 1)
TRAIL, DAILY, AT_ONCE = "s3://trail", "s3://datasets/daily", "s3://datasets/at-once"


class Simulation:
    def __init__(self, settings):
        self.settings = settings
        self.organization = Organization(settings.accounts, settings.regions, settings.seed)
        self.calendar = Calendar(self.organization, FIRST_ROUND, settings.late_days)
        self.bucket = Bucket("trail")
        self.server = Server(self.bucket, settings.port, settings.latency / 1000)
        self.program = Program(settings.program, self.server, settings.late_days, settings.seconds)
        self.differences = 0

    def check(self, name, found):
        """Prints what differs, if anything does."""
        found = list(found)
        for difference in found:
            print(f"DIFFERENCE {name}: {difference}", flush=True)
        self.differences += len(found)

    def convert_daily(self, name, new_files, *options):
        run = self.program.convert(TRAIL, DAILY, "--since-last", *options)
        self.check(name, checks.check_counts(run, new_files))
        return run

    def rounds(self):
        """The history, then a conversion a day. Returns their runs."""
        started = time.monotonic()
        self.bucket.add(self.organization.history(FIRST_ROUND, self.settings.days))
        print(f"{len(self.bucket.keys):,} log files of history made ({time.monotonic() - started:.0f} s)")
        print(report.heading(), flush=True)
        options = ["--compact"] if self.settings.compact else []
        try:
            first = self.convert_daily("in the first round", len(self.bucket.keys), *options)
        except AssertionError as failure:
            self.check("in the first round, now without --since-last", [failure])
            first = self.program.convert(TRAIL, DAILY, *options)
        print(report.line("first", len(self.bucket.keys), 0, first, "the history"), flush=True)
        runs = []
        for number in range(1, self.settings.rounds + 1):
            objects, late, notes = self.calendar.round(number)
            self.bucket.add(objects)
            runs.append(self.convert_daily(f"in round {number}", len(objects), *options))
            print(report.line(number, len(objects), late, runs[-1], ", ".join(notes)), flush=True)
        again = self.convert_daily("in a second run", 0)
        print(report.line("again", 0, 0, again, "the same once more"), flush=True)
        return first, runs

    def compare(self):
        """The dataset has what was delivered, as one that is converted at once."""
        organization, files = self.organization, len(self.bucket.keys)
        self.check("in the events", checks.check_events(self.program, DAILY, organization))
        self.check("in the totals", checks.check_totals(self.program, DAILY, organization, files))
        at_once = self.program.convert(TRAIL, AT_ONCE)
        self.check("in one conversion", checks.check_counts(at_once, files))
        print(report.line("at once", files, 0, at_once, "another dataset"), flush=True)
        with tempfile.TemporaryDirectory(prefix="ecstrail-organization-") as folder:
            folder = pathlib.Path(folder)
            self.check("in the rows", checks.check_same_rows(self.program, DAILY, AT_ONCE, folder))

    def check_limit(self):
        """What is delivered too late is not found by --since-last, but by a full conversion."""
        at = self.calendar.day(self.settings.rounds)
        newest = next(key for key in self.bucket.keys if f"/{at:%Y/%m/%d}/" in key)
        folder = newest.split("/")[2], newest.split("/")[4]
        just, too_late = self.calendar.too_late(self.settings.rounds, folder)
        self.bucket.add(just | too_late)
        self.convert_daily("just in time", 1)
        again = self.convert_daily("too late", 0)
        print(report.line("late", 2, 2, again, "one of them too late"), flush=True)
        full = self.program.convert(TRAIL, DAILY)
        self.check("too late, in a full conversion", checks.check_counts(full, 1))
        print(report.line("full", 1, 1, full, "without --since-last"), flush=True)
        self.check("in the events at last", checks.check_events(self.program, DAILY, self.organization))
        return full


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("port", type=int)
    parser.add_argument("--accounts", type=int, default=4)
    parser.add_argument("--regions", type=int, default=3)
    parser.add_argument("--days", type=int, default=20, help="days of history")
    parser.add_argument("--rounds", type=int, default=10, help="days that are converted one by one")
    parser.add_argument("--late-days", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=int, default=0, help="milliseconds that a LIST of the trail takes")
    parser.add_argument("--seconds", type=int, default=1200, help="seconds that a command may take")
    parser.add_argument("--compact", action="store_true", help="give this option to the daily conversions")
    settings = parser.parse_args()
    print(f"seed {settings.seed}")
    simulation = Simulation(settings)
    simulation.check("of the trail's bucket", alike.check(settings.port))
    simulation.check("of a start", starts.check(simulation.program, settings.seed))
    connection = http.client.HTTPConnection("127.0.0.1", settings.port)
    connection.request("PUT", "/datasets")
    assert connection.getresponse().status == 200
    try:
        first, runs = simulation.rounds()
        simulation.compare()
        full = simulation.check_limit()
    except AssertionError as failure:
        sys.exit(f"DIFFERENCE: {failure}")
    report.summary(first, runs, full)
    events = f"{len(simulation.organization.event_ids):,} events in {len(simulation.bucket.keys):,} log files"
    print(f"{events}: {simulation.differences or 'no'} differences")
    sys.exit(1 if simulation.differences else 0)


if __name__ == "__main__":
    main()
