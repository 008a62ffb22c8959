"""Checks that DuckDB, pyarrow and polars read the same rows and types from a dataset.

usage: check.py EVENTS ROWS.csv

ROWS.csv holds event_id and source_file of every row, as ecstrail itself reads them.
"""

import csv
import sys

import duckdb
import polars
import pyarrow
import pyarrow.dataset

events, rows = sys.argv[1:]
with open(rows, newline="") as file:
    expected = sorted((row["event_id"], row["source_file"]) for row in csv.DictReader(file))
assert expected, "no rows to compare"


def same(engine, found):
    found = sorted((event_id or "", source_file) for event_id, source_file in found)
    assert found == expected, f"{engine} reads other rows"
    print(f"{engine}: {len(found)} rows")


glob = f"{events}/**/*.parquet"
table = duckdb.sql(f"SELECT * FROM read_parquet('{glob}', hive_partitioning = true)")
same("duckdb " + duckdb.__version__, table.project("event_id, source_file").fetchall())
types = dict(zip(table.columns, (str(kind) for kind in table.types)))
wanted = {
    "event_time": "TIMESTAMP WITH TIME ZONE",
    "read_only": "BOOLEAN",
    "desired_count": "INTEGER",
    "record_hash": "BIGINT",
    "failure_reasons": "VARCHAR[]",
    "container_exit_codes": "INTEGER[]",
    "tags": "MAP(VARCHAR, VARCHAR)",
    "request_parameters": "VARCHAR",
    "date": "DATE",
    "region": "VARCHAR",
}
assert {name: types[name] for name in wanted} == wanted, types

dataset = pyarrow.dataset.dataset(events, partitioning="hive")
read = dataset.to_table(columns=["event_id", "source_file"])
same("pyarrow " + pyarrow.__version__, zip(*(column.to_pylist() for column in read.columns)))
schema = dataset.schema
assert schema.field("event_time").type == pyarrow.timestamp("us", tz="UTC")
assert schema.field("failure_reasons").type == pyarrow.list_(pyarrow.field("element", pyarrow.string()))
assert schema.field("container_exit_codes").type == pyarrow.list_(pyarrow.field("element", pyarrow.int32()))
assert schema.field("tags").type == pyarrow.map_(pyarrow.string(), pyarrow.string())
assert schema.field("desired_count").type == pyarrow.int32()

frame = polars.read_parquet(events)
same("polars " + polars.__version__, frame.select("event_id", "source_file").iter_rows())
assert frame.schema["event_time"] == polars.Datetime("us", "UTC")
assert frame.schema["failure_reasons"] == polars.List(polars.String)
assert frame.schema["container_exit_codes"] == polars.List(polars.Int32)
print("polars reads tags as", frame.schema["tags"])
