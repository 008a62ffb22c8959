"""Compares what engines read from a dataset with what ecstrail reads."""

import hashlib
import os
import pathlib
import subprocess
import sys

import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet
from engine import CONDITIONS

# All columns, with those of the partition.
COLUMNS = 166


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


class Comparison:
    """Engines, each with the Python that it runs in, and a folder for what they read."""

    def __init__(self, program, folder, engines, **environment):
        self.program, self.folder, self.engines = program, pathlib.Path(folder), engines
        self.environment = {**os.environ, **environment, "ECSTRAIL": program}

    def ecstrail(self, *words, may=(0,)):
        run = subprocess.run(
            [self.program, *map(str, words)], capture_output=True, text=True, env=self.environment
        )
        assert run.returncode in may, f"{words}: {run.stderr}"
        return run.stdout

    def read(self, engine, home, out):
        script = pathlib.Path(__file__).with_name("engine.py")
        command = [self.engines[engine], script, engine, home, out]
        return subprocess.run(command, timeout=180, capture_output=True, text=True, env=self.environment)

    def compare(self, name, home, engines=None):
        """Each engine has the same rows for each condition: of each column the NULLs and a sum."""
        expected = {}
        for condition, sql in CONDITIONS.items():
            out = self.folder / f"{name}-{condition}.parquet"
            self.ecstrail(
                "query", f"SELECT * FROM events WHERE {sql}", "--dataset", home, "--format", "parquet", "--output", out
            )
            expected[condition] = described(pyarrow.parquet.read_table(out))
            assert len(expected[condition]) == COLUMNS
        engines = sorted(engines or self.engines)
        for engine in engines:
            out = self.folder / f"{name}-{engine}"
            run = self.read(engine, str(home), out)
            assert run.returncode == 0, (engine, name, run.stderr[-2000:])
            for condition, wanted in expected.items():
                found = described(pyarrow.ipc.open_file(f"{out}-{condition}.arrow").read_all())
                assert found.keys() == wanted.keys(), (engine, name, condition, found.keys() ^ wanted.keys())
                if engine.startswith("chdb"):
                    # ClickHouse has no NULL in the place of a list: it reads an empty one.
                    found, wanted = without_null_lists(found), without_null_lists(wanted)
                different = {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]}
                assert not different, (engine, name, condition, different)
        rows = pyarrow.parquet.read_metadata(self.folder / f"{name}-all.parquet").num_rows
        print(f"{name}: {rows} rows in {', '.join(engines)}, with {len(CONDITIONS) - 1} filters")
        sys.stdout.flush()


def without_null_lists(columns):
    return {name: found[2:] if isinstance(found, tuple) and len(found) == 4 else found for name, found in columns.items()}
