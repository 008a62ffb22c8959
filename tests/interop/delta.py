"""Holds the engines that read Delta tables against what ecstrail itself reads.

usage: delta.py PROGRAM TRAIL FOLDER PYTHON

PYTHON has the engines whose versions do not go together with those of this one.

On datasets that have a Delta log from their first commit, from a later one, with a checkpoint, and
compacted, every engine must read the same rows: of each column the number of NULLs and a sum, the
same ids, and the same for filters on the partition and on time. While a dataset is compacted commit
by commit, each snapshot has the same rows. Other writers are refused."""

import hashlib
import pathlib
import subprocess
import sys
import threading

import deltalake
import polars
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet

program, trail, folder, other_python = sys.argv[1:5]
folder = pathlib.Path(folder).resolve()
CONDITIONS = [
    "1 = 1",
    "region = 'us-east-1'",
    "event_time >= TIMESTAMP '2026-04-28 00:00:00+00:00'",
    "event_name = 'UpdateService'",
]
# These have no literal for an instant with a zone, or take it for another one.
OTHER_CONDITIONS = {
    "polars": {CONDITIONS[2]: "event_time >= '2026-04-28T00:00:00Z'::timestamptz"},
    "chdb": {CONDITIONS[2]: "event_time >= toDateTime64('2026-04-28 00:00:00', 6, 'UTC')"},
}
ENGINES = {
    "deltalake": sys.executable, "polars": sys.executable, "daft": sys.executable,
    "chdb": sys.executable, "sail": other_python, "duckdb": other_python,
}
READS = 200


def ecstrail(*words, may=(0,)):
    run = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    assert run.returncode in may, f"{words}: {run.stderr}"
    return run.stdout


def total(column):
    """A number that tells whether two columns hold the same values, whatever their types are called."""
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column = compute.cast(column, kind.value_type)
        kind = column.type
    if pyarrow.types.is_map(kind):
        # One engine has an empty map where there is none.
        pairs = (pair for value in column.to_pylist() if value for pair in value)
        return hashlib.sha256(repr(sorted(map(repr, pairs))).encode()).hexdigest()
    nulls = column.null_count
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        lists = [value for value in column.to_pylist() if value is not None]
        return nulls, len(lists), sum(map(len, lists)), text(item for value in lists for item in value)
    if pyarrow.types.is_timestamp(kind):
        kind = pyarrow.int64()
        column = compute.cast(compute.cast(column, pyarrow.timestamp("us")), kind)
    if pyarrow.types.is_date(kind):
        return nulls, text(map(str, column.to_pylist()))
    if pyarrow.types.is_boolean(kind) or pyarrow.types.is_integer(kind):
        return nulls, sum(int(value) for value in column.to_pylist() if value is not None)
    return nulls, text(column.to_pylist())


def text(values):
    sorted_values = sorted("" if value is None else str(value) for value in values)
    return hashlib.sha256("\0".join(sorted_values).encode()).hexdigest()


def described(table):
    return {name: total(table.column(name)) for name in table.column_names}


def without_null_lists(columns):
    return {name: found[2:] if isinstance(found, tuple) and len(found) == 4 else found for name, found in columns.items()}


def compare(name, home):
    for number, condition in enumerate(CONDITIONS):
        out = folder / f"{name}-{number}"
        ecstrail(
            "query", f"SELECT * FROM events WHERE {condition}", "--dataset", home,
            "--format", "parquet", "--output", f"{out}.parquet",
        )
        expected = described(pyarrow.parquet.read_table(f"{out}.parquet"))
        assert len(expected) == 166, len(expected)
        for engine, python in ENGINES.items():
            asked = OTHER_CONDITIONS.get(engine, {}).get(condition, condition)
            command = [python, pathlib.Path(__file__).with_name("engine.py"), engine, home, f"{out}.arrow", asked]
            subprocess.run(command, check=True, timeout=60, capture_output=True)
            found = described(pyarrow.ipc.open_file(f"{out}.arrow").read_all())
            assert found.keys() == expected.keys(), (engine, found.keys() ^ expected.keys())
            wanted = expected
            if engine == "chdb":
                # ClickHouse has no NULL in the place of a list: it reads an empty one.
                found, wanted = without_null_lists(found), without_null_lists(expected)
            different = {column: (found[column], wanted[column]) for column in wanted if found[column] != wanted[column]}
            assert not different, (engine, name, condition, different)
    rows = pyarrow.parquet.read_metadata(f"{folder}/{name}-0.parquet").num_rows
    print(f"{name}: {rows} rows in {', '.join(ENGINES)}, with {len(CONDITIONS) - 1} filters")


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
