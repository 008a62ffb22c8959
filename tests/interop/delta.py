"""Holds the engines that read Delta tables against what ecstrail itself reads.

usage: delta.py PROGRAM TRAIL FOLDER PYTHON

PYTHON has the engines whose versions do not go together with those of this one.

On datasets that have a Delta log from their first commit, from a later one, with a checkpoint, and
compacted, every engine must read the same rows: of each column the number of NULLs and a sum, the
same ids, and the same for filters on the partition and on time. While a dataset is compacted commit
by commit, each snapshot has the same rows. Other writers are refused."""

import pathlib
import sys
import threading

import deltalake
import polars
import pyarrow
from comparison import Comparison

program, trail, folder, other_python = sys.argv[1:5]
folder = pathlib.Path(folder).resolve()
comparison = Comparison(program, folder, {
    "deltalake": sys.executable, "polars": sys.executable, "daft": sys.executable,
    "chdb": sys.executable, "sail": other_python, "duckdb": other_python,
})
compare, ecstrail = comparison.compare, comparison.ecstrail
READS = 200


def converted(name, *options):
    home = folder / name
    ecstrail("convert", trail, "--event-source", "all", "--to", home, *options, may=(0, 3))
    return home


begun = converted("begun", "--table-format", "delta", "--commit-every", "8KiB")
compare("begun", begun)

# A log of more than a hundred commits has a checkpoint; so has one that begins late.
late = converted("late", "--commit-every", "4KiB")
ecstrail("table", "--add", "delta", "--dataset", late)
assert list(late.glob("_delta_log/*.checkpoint.parquet"))
compare("late", late)

# Each merge is a commit of its own: readers see all rows in each of them.
rows = deltalake.DeltaTable(begun).to_pyarrow_dataset().count_rows()
partitions = sorted({path.parent.relative_to(begun / "events") for path in begun.glob("events/*/*/*.parquet")})
done = threading.Event()
seen = set()
counts = 0


def read():
    global counts
    while not done.is_set() or counts < READS:
        table = deltalake.DeltaTable(begun)
        assert table.to_pyarrow_dataset().to_table(columns=["event_id"]).num_rows == rows
        assert polars.scan_delta(begun).select(polars.len()).collect().item() == rows
        seen.add(table.version())
        counts += 1


problems = []


def reader():
    try:
        read()
    except BaseException as error:
        problems.append(error)


thread = threading.Thread(target=reader)
thread.start()
for partition in partitions:
    day, region = (str(part).partition("=")[2] for part in partition.parts)
    ecstrail("compact", "--dataset", begun, "--from", day, "--until", day, "--region", region)
done.set()
thread.join()
assert not problems, problems
assert len(seen) > 3, seen
print(f"{counts} counts of the same {rows} rows in {len(seen)} versions while it was compacted")
compare("compacted", begun)
ecstrail("vacuum", "--dataset", begun, "--older-than", "0s")
compare("vacuumed", begun)

before = sorted(begun.glob("_delta_log/*"))
table = deltalake.DeltaTable(begun)
for what, write in {
    "DELETE": lambda: table.delete("region = 'us-east-1'"),
    "append": lambda: deltalake.write_deltalake(table, pyarrow.table({"event_id": ["x"]}), mode="append"),
    "OPTIMIZE": lambda: table.optimize.compact(),
}.items():
    try:
        write()
    except Exception as error:
        print(f"{what} by another program is refused: {str(error)[:80]}")
    else:
        raise AssertionError(f"{what} is not refused")
assert sorted(begun.glob("_delta_log/*")) == before
