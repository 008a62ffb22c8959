"""Shards that convert a trail together give the rows of one run, also if they are killed and started again.

usage: shards.py PROGRAM TRAIL ROUNDS [--endpoint URL] [--seed N] [--shards N]
       shards.py PROGRAM TRAIL 0 --measure [--endpoint URL]
       shards.py PROGRAM - 0 --year

First all shards run at once, each in a process of its own. Then in each round some of them are killed at random
moments and started again, while the others go on. What queries see in between must be whole and hold nothing
twice; in the end the rows must be those of one run, and a vacuum must leave nothing of the killed ones.

With --measure: how many commits a minute 1, 2, 4 and 8 shards make together.
With --year: eight shards commit every day of a year in eight Regions by itself; how long opening takes then.
"""

import argparse
import collections
import datetime
import json
import pathlib
import random
import tempfile
import time

import places
import rows
from program import Program


def rebased(place, home):
    """Returns how many commits there are, and how many were made without merging again after a lost race."""
    entries = [json.loads(place.read(home, name)) for name in place.names(home, "_ecstrail/log")]
    of_shards = [entry for entry in entries if "shard" in entry]
    # All prepare for as many versions beyond the one that they want first.
    ahead = [entry.get("prepared_for", entry["version"]) - entry["version"] for entry in of_shards]
    return len(of_shards), sum(versions < max(ahead) for versions in ahead)


class Campaign:
    def __init__(self, arguments):
        self.place = places.Bucket(arguments.endpoint) if arguments.endpoint else places.Disk()
        self.program = Program(arguments.program, self.place)
        self.trail, self.count = arguments.trail, arguments.shards
        self.random = random.Random(arguments.seed)
        self.totals = collections.Counter()

    def start(self, home, number, count):
        return self.program.start(("convert-shard", f"{number}/{count}", self.trail), home)

    def end(self, process):
        _, problems = process.communicate(timeout=600)
        assert process.returncode == 0, f"a shard ended with {process.returncode}: {problems}"

    def together(self, home, count):
        """Runs all shards at once; returns how long they took."""
        started = time.monotonic()
        for process in [self.start(home, number, count) for number in range(1, count + 1)]:
            self.end(process)
        return time.monotonic() - started

    def compare(self, home, wanted):
        names = rows.check_nothing_foreign(self.place, home)
        assert names == rows.live(self.place, home), "files below events/ that are not live"
        found = rows.read(self.place, home)
        assert rows.keys(found) == rows.keys(wanted), "rows are lost or doubled"
        assert found.select(wanted.column_names).equals(wanted), "rows differ"
        self.program.run(("verify",), home)

    def round(self, home, wanted, seconds):
        """Kills shards at random moments and starts them again."""
        running = {number: self.start(home, number, self.count) for number in range(1, self.count + 1)}
        for _ in range(self.count):
            time.sleep(self.random.random() * seconds / self.count)
            number = self.random.choice(list(running))
            was_running = running[number].poll() is None
            running[number].kill()
            running[number].communicate()
            self.totals["killed" if was_running else "ended before"] += 1
            if self.random.random() < 0.3:
                rows.check_nothing_foreign(self.place, home)
                seen = rows.keys(rows.read(self.place, home, rows.live(self.place, home)))
                assert len(seen) == len(set(seen)), "queries see rows twice"
                assert set(seen) <= set(rows.keys(wanted)), "queries see rows that are not committed"
            running[number] = self.start(home, number, self.count)
        for process in running.values():
            self.end(process)
        self.compare(home, wanted)
        # What a killed one has prepared could still be committed, until a vacuum puts an end to that.
        self.program.run(("vacuum",), home)
        left = self.place.names(home, "_ecstrail/tmp") + self.place.names(home, "_ecstrail/txn")
        assert not left, f"of the killed ones there is left: {left}"
        self.compare(home, wanted)
        self.totals["rounds"] += 1

    def run(self, rounds):
        one = self.place.new_home()
        self.program.run(("convert", self.trail), one)
        wanted = rows.read(self.place, one)
        home = self.place.new_home()
        seconds = self.together(home, self.count)
        self.compare(home, wanted)
        commits, later = rebased(self.place, home)
        print(
            f"{self.count} shards at once: the same {wanted.num_rows} rows, {commits} commits, {later} of them"
            f" after a lost race without merging again ({seconds:.0f} s)",
            flush=True,
        )
        for _ in range(rounds):
            home = self.place.new_home()
            try:
                self.round(home, wanted, seconds)
            except AssertionError:
                print(f"round {self.totals['rounds']} at {home}")
                self.place.close = lambda: None
                raise
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.totals.items()))
        print(f"shards, {counts or 'none killed'}: nothing lost, nothing doubled")

    def measure(self):
        for count in (1, 2, 4, 8):
            home, started = self.place.new_home(), time.monotonic()
            running = [self.start(home, number, count) for number in range(1, count + 1)]
            ended = [(process.communicate(timeout=3600), process.returncode)[1] for process in running]
            seconds = time.monotonic() - started
            commits, later = rebased(self.place, home)
            print(
                f"{count} shards: {commits} commits in {seconds:.1f} s, {commits * 60 / seconds:.0f} a minute,"
                f" {later} without merging again, {sum(map(bool, ended))} shards failed",
                flush=True,
            )

    def year(self):
        """Makes a commit for each day of a year and each of eight Regions, and opens the dataset."""
        self.program.commit_every = "1"
        places_of_aws = ("us-east", "us-west", "eu-west", "eu-central")
        regions = [f"{name}-{number}" for name in places_of_aws for number in (1, 2)]
        with tempfile.TemporaryDirectory(prefix="ecstrail-durability-") as folder:
            for number in range(365):
                for region in regions:
                    write_log_file(folder, region, datetime.date(2026, 1, 1) + datetime.timedelta(number))
            self.trail = folder
            home = self.place.new_home()
            seconds = self.together(home, 8)
            commits, later = rebased(self.place, home)
            print(f"{commits} commits of 8 shards in {seconds:.0f} s, {later} without merging again", flush=True)
            assert commits == 365 * len(regions)
            for command in (("count",), ("status",)):
                times = []
                for _ in range(5):
                    started = time.monotonic()
                    found = self.program.run(command, home)
                    times.append(time.monotonic() - started)
                assert str(commits) in found.replace(",", ""), found
                print(f"{command[0]}: {sorted(times)[2]:.2f} s, the median of {len(times)}", flush=True)


def write_log_file(folder, region, day):
    """Writes a log file with one record."""
    record = {
        "eventID": f"{region}-{day}",
        "eventTime": f"{day}T02:18:03Z",
        "eventSource": "ecs.amazonaws.com",
        "eventName": "RunTask",
        "awsRegion": region,
        "recipientAccountId": "111122223333",
    }
    name = f"111122223333_CloudTrail_{region}_{day:%Y%m%d}T0220Z_x.json"
    path = pathlib.Path(folder, f"AWSLogs/111122223333/CloudTrail/{region}/{day:%Y/%m/%d}", name)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"Records": [record]}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("trail")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--endpoint", help="server that speaks S3; otherwise the local disk")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--measure", action="store_true", help="only measure commits a minute")
    parser.add_argument("--year", action="store_true", help="only measure how long opening takes")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    campaign = Campaign(arguments)
    try:
        if arguments.year:
            campaign.year()
        elif arguments.measure:
            campaign.measure()
        else:
            campaign.run(arguments.rounds)
    finally:
        campaign.place.close()


if __name__ == "__main__":
    main()
