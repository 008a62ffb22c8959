"""Kills ecstrail at random moments, gives the same command again, and compares all rows.

usage: crash.py PROGRAM TRAIL ROUNDS [--endpoint URL] [--seed N] [--parts N]

Each round converts a further part of the trail (parts overlap), compacts or vacuums; the command
is killed, sometimes its second try too, then given once more. After every kill what stands below
events/ must be whole and committed and hold nothing twice that queries see; in the end the rows
must equal those of a conversion that nothing disturbed. Every other dataset has a Delta log, which
must name the files of a version of the log, all of them there.
"""

import argparse
import collections
import pathlib
import random
import shutil
import tempfile
import time

import pyarrow

import places
import rows
from program import Program, records, split


def reference(program, folders):
    """Returns the rows of each part and of all of them, converted without a disturbance."""
    disk = places.Disk()
    undisturbed = Program(program, disk)
    tables = []
    for part in [[folder] for folder in folders] + [folders]:
        home = disk.new_home()
        for folder in part:
            undisturbed.run(("convert", folder), home)
        tables.append(rows.read(disk, home))
    disk.close()
    whole = tables.pop()
    keys = [set(rows.keys(table)) for table in tables]
    assert sorted(map(str, rows.keys(whole))) == sorted(map(str, set().union(*keys)))
    return whole, keys


class Campaign:
    def __init__(self, arguments, place, folders):
        self.program = Program(arguments.program, place)
        self.place, self.folders = place, folders
        self.whole, self.parts = reference(arguments.program, folders)
        self.random = random.Random(arguments.seed)
        self.seconds = collections.defaultdict(lambda: 0.2)
        self.counts = collections.Counter()
        self.begin()

    def begin(self):
        self.home, self.converted, self.after = self.place.new_home(), 0, 0
        # The few rounds on S3 have one dataset.
        self.has_delta = self.counts["datasets"] % 2 == (1 if isinstance(self.place, places.Disk) else 0)
        self.counts["datasets"] += 1

    def expected(self, parts):
        return set().union(*self.parts[:parts])

    def choose(self):
        """Returns the round's command."""
        if self.converted == 0:
            return "convert"
        if self.converted == len(self.folders):
            self.after += 1
            if self.after > 4:
                self.begin()
                return "convert"
            return self.random.choice(["compact", "compact", "vacuum"])
        return self.random.choices(["convert", "compact", "vacuum"], [6, 3, 1])[0]

    def kill(self, command):
        """Starts a command and kills it at a random moment; returns whether it was still running."""
        process = self.program.start(command, self.home)
        time.sleep(self.random.random() * self.seconds[command[0]] * 0.9)
        running = process.poll() is None
        process.kill()
        process.communicate()
        return running

    def check_between(self, before, after):
        """Queries see what was there before, with whole commits of what comes; nothing twice."""
        names = rows.check_nothing_foreign(self.place, self.home)
        self.check_delta(names)
        seen = rows.keys(rows.read(self.place, self.home, rows.live(self.place, self.home)))
        assert len(seen) == len(set(seen)), "queries see rows twice"
        assert before <= set(seen) <= after, "queries see rows that are not committed, or miss some"
        # What is interrupted is not damaged, if it is there already.
        process = self.program.start(("verify",), self.home)
        found, problems = process.communicate(timeout=300)
        is_there = "is not an ecstrail dataset" not in problems
        assert process.returncode == 0 or not is_there, found + problems

    def check_delta(self, names):
        """The Delta log is that of a version of the log; returns its data files."""
        version, files = rows.delta(self.place, self.home)
        assert files == rows.after(self.place, self.home, version), "the Delta log has other files"
        assert set(files) <= set(names), "the Delta log has files that are not there"
        return files

    def round(self):
        name = self.choose()
        before = self.expected(self.converted)
        command = (name,)
        if name == "convert":
            self.converted = min(self.converted + 1, len(self.folders))
            name = "convert-delta" if self.has_delta else "convert"
            command = (name, *self.folders[: self.converted])
        after = self.expected(self.converted)
        for _ in range(2 if self.random.random() < 0.3 else 1):
            self.counts["killed " + name if self.kill(command) else "ended " + name] += 1
            self.check_between(before, after)
        started = time.monotonic()
        self.program.run(command, self.home)
        self.seconds[name] += (time.monotonic() - started - self.seconds[name]) / 4
        names = rows.check_nothing_foreign(self.place, self.home)
        live = rows.live(self.place, self.home)
        if self.has_delta:
            assert self.check_delta(names) == live, "the Delta log is not complete"
        else:
            assert names == live, "files below events/ that are not live"
        found = rows.read(self.place, self.home, live)
        wanted = rows.sort(rows.of(self.whole, after))
        assert rows.keys(found) == rows.keys(wanted), "rows are lost or doubled"
        assert found.select(wanted.column_names).equals(wanted), "rows differ"
        self.program.run(("verify",), self.home)
        self.counts["rounds"] += 1
        self.counts["rows compared"] += wanted.num_rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("trail")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--endpoint", help="server that speaks S3; otherwise the local disk")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--parts", type=int, default=6)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, pyarrow {pyarrow.__version__}", flush=True)
    place = places.Bucket(arguments.endpoint) if arguments.endpoint else places.Disk()
    trail = tempfile.mkdtemp(prefix="ecstrail-durability-")
    try:
        folders = split(arguments.trail, trail, arguments.parts)
        campaign = Campaign(arguments, place, folders)
        distinct = len(records(folders))
        assert distinct == campaign.whole.num_rows, f"{distinct} records, {campaign.whole.num_rows} rows"
        started = time.monotonic()
        try:
            for _ in range(arguments.rounds):
                campaign.round()
        except AssertionError:
            print(f"round {campaign.counts['rounds']} of seed {arguments.seed} at {campaign.home}")
            place.close = lambda: None
            raise
        counts = ", ".join(f"{count} {name}" for name, count in sorted(campaign.counts.items()))
        print(f"{counts}; nothing lost, nothing doubled ({time.monotonic() - started:.0f} s)")
    finally:
        shutil.rmtree(pathlib.Path(trail), ignore_errors=True)
        place.close()


if __name__ == "__main__":
    main()
