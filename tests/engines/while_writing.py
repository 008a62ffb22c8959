"""Counts the rows of a Delta table on an S3 server through Sail, again and again, while four shards convert
a trail into it and compactions merge its files: no count is between commits, and none goes back.

usage: while_writing.py PROGRAM SAIL MOTO_SERVER FOLDER

Which numbers of rows there have been is read off the Delta log."""

import json
import pathlib
import sys
import threading

from bucket import HOME, with_sail

SHARDS = 4
COMPACTIONS = 3
# Counts while rows are added and files are merged, at least.
COUNTS = 20

program, sail, moto_server, folder = sys.argv[1:]
trail = pathlib.Path(__file__).resolve().parents[2] / "data-samples/trail"


def totals(bucket):
    """The rows that the table has after each of its versions."""
    found, files, rows = [], {}, 0
    for key in sorted(key for key in bucket.keys("dataset/_delta_log/") if key.endswith(".json")):
        for action in map(json.loads, bucket.get(f"/{key}").splitlines()):
            if "add" in action:
                files[action["add"]["path"]] = json.loads(action["add"]["stats"])["numRecords"]
                rows += files[action["add"]["path"]]
            if "remove" in action:
                rows -= files[action["remove"]["path"]]
        found.append(rows)
    return found


def count_while_writing(bucket, port):
    convert = ("convert", trail, "--event-source", "all", "--to", HOME, "--commit-every", "8KiB")
    shards = SHARDS + 1
    # The table is there before anybody counts.
    bucket.run(*convert, "--table-format", "delta", "--shard", f"{shards}/{shards}", may=(0, 3))
    counts, problems, done = [], [], threading.Event()

    def count():
        query = ("query", "SELECT count(*) AS rows, count(event_id) AS ids FROM events", "--dataset", HOME)
        try:
            while not done.is_set() or len(counts) < COUNTS:
                answer = json.loads(bucket.run(*query, "--engine", f"sc://127.0.0.1:{port}", "--format", "json"))
                counts.append(answer[0]["rows"])
        except BaseException as error:  # Whatever it was is told by the other thread.
            problems.append(error)

    counting = threading.Thread(target=count)
    counting.start()
    converting = [bucket.begin(*convert, "--shard", f"{number}/{shards}") for number in range(1, shards)]
    for _ in range(COMPACTIONS):
        bucket.run("compact", "--dataset", HOME)
    for shard in converting:
        bucket.end(shard, may=(0, 3))
    bucket.run("compact", "--dataset", HOME)
    done.set()
    counting.join()
    assert not problems, problems
    rows = totals(bucket)
    between = [found for found in counts if found not in rows]
    assert not between, f"counted {between}, between the commits' {sorted(set(rows))}"
    assert counts == sorted(counts), counts
    [status] = [json.loads(bucket.run("status", "--dataset", HOME, "--format", "json"))]
    assert counts[-1] == rows[-1] == status["rows"], (counts[-1], rows[-1], status["rows"])
    seen = len(set(counts))
    assert seen > 2, counts
    print(
        f"{len(counts)} counts through Sail saw {seen} of the {len(set(rows))} numbers of rows that {len(rows)} "
        f"commits of {shards} shards and {COMPACTIONS + 1} compactions have had, and nothing between"
    )


with with_sail(program, sail, moto_server, pathlib.Path(folder)) as opened:
    count_while_writing(*opened)
