"""Holds engines that read Parquet files or a Delta table against what ecstrail reads, on datasets of
every shape, on the local disk and on an S3 server.

usage: matrix.py PROGRAM TRAIL FOLDER PYTHON MOTO_SERVER

PYTHON has the engines whose versions do not go together with those of this one. The shapes: one
partition; events that arrived late, in partitions that were there; the same, compacted; files of an
older column table beside new ones."""

import contextlib
import hashlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import duckdb
import pyarrow
import pyarrow.parquet
from comparison import Comparison

program, trail, folder, other_python, moto_server = sys.argv[1:]
folder = pathlib.Path(folder).resolve()
this = sys.executable
FOLDER = {
    "pyarrow-folder": this, "pandas-folder": this, "polars-folder": this, "polars-glob-folder": this,
    "duckdb-folder": this, "chdb-folder": this, "datafusion-folder": this, "daft-folder": this,
    "sail-folder": other_python, "spark-folder": this,
}
DELTA = {
    "deltalake": this, "polars": this, "daft": this, "chdb": this, "sail": other_python, "duckdb": other_python,
}
# Spark has no connector to S3 among Python packages, DuckDB 2 no extension for it.
REMOTE = {**FOLDER, "duckdb-folder": other_python}
del REMOTE["spark-folder"]
# These take the columns and types of one file for all of them. With older files, some stop, some have
# only the columns of that file: `compact --upgrade` first, or a Delta table.
ONE_SCHEMA = {
    "pyarrow-folder", "pandas-folder", "polars-folder", "polars-glob-folder", "datafusion-folder", "daft-folder",
}
# Columns that version 3 of the column table added.
ADDED = ["is_write", "account_id", "person", "actor_group"]

local = Comparison(program, folder, {**FOLDER, **DELTA})


def convert(comparison, home, *sources, options=()):
    comparison.ecstrail("convert", *sources, "--event-source", "all", "--to", home, *options, may=(0, 3))
    return home


def older(home, step=2):
    """Rewrites every second data file of a dataset of one commit, or all, as an older program wrote it."""
    [log] = home.glob("_ecstrail/log/*.json")
    entry = json.loads(log.read_text())
    for file in entry["adds"][::step]:
        path = home / file["path"]
        table = pyarrow.parquet.ParquetFile(path).read().drop_columns(ADDED)
        kinds = [
            field.with_type(pyarrow.timestamp("ms", "UTC")) if pyarrow.types.is_timestamp(field.type) else field
            for field in table.schema
        ]
        pyarrow.parquet.write_table(table.cast(pyarrow.schema(kinds)), path)
        data = path.read_bytes()
        file.pop("checked")
        file |= {"schema_version": 2, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    log.write_text(json.dumps(entry, separators=(",", ":")))
    [done] = home.glob("_ecstrail/done/*")
    done.write_text(hashlib.sha256(log.read_bytes()).hexdigest())


def halves(folder):
    """The trail in two folders: files of each day and Region are in both."""
    for number, file in enumerate(sorted(pathlib.Path(trail).rglob("*.json.gz"))):
        half = folder / f"half-{number % 2}" / file.relative_to(trail)
        half.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, half)
    return folder / "half-0", folder / "half-1"


def all_shapes(comparison, place, first, second):
    one = ("--from", "2026-04-27", "--until", "2026-04-27", "--region", "eu-west-1")
    yield "one", convert(comparison, f"{place}/one", trail, options=one)
    late = convert(comparison, f"{place}/late", first)
    yield "late", convert(comparison, late, second)


@contextlib.contextmanager
def s3_server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [moto_server, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{url}/bucket", method="PUT"))
                break
            except OSError:
                assert server.poll() is None, "the S3 server has ended"
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()


first, second = halves(folder)
for name, home in all_shapes(local, folder, first, second):
    local.compare(name, home, FOLDER)
    copy = shutil.copytree(home, f"{home}-delta")
    local.ecstrail("table", "--add", "delta", "--dataset", copy)
    local.compare(f"{name}-delta", copy, DELTA)
local.ecstrail("compact", "--dataset", folder / "late")
local.compare("compacted", folder / "late", FOLDER)

home = pathlib.Path(convert(local, folder / "older", trail))
older(home)
local.compare("older", home, FOLDER.keys() - ONE_SCHEMA)
# The views and reports find their columns even where no file has them.
old = pathlib.Path(convert(local, folder / "old", trail))
older(old, 1)
with duckdb.connect() as connection:
    connection.execute(local.ecstrail("describe", "table", "--engine", "duckdb", "--reports", "--dataset", old))
    counted = connection.sql("SELECT count(*), count(is_write), count(actor) FROM events").fetchall()
    assert counted == [(829, 0, counted[0][2])] and counted[0][2] > 0, counted
    assert connection.sql("FROM deployments()").fetchall()
local.ecstrail("table", "--add", "delta", "--dataset", home)
local.compare("older-delta", home, DELTA)
local.ecstrail("compact", "--upgrade", "--dataset", home)
local.compare("upgraded-delta", home, DELTA)

with s3_server() as url:
    remote = Comparison(
        program, folder, {**REMOTE, **DELTA}, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret",
        AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1", AWS_ALLOW_HTTP="true", AWS_ENDPOINT=url,
        AWS_EC2_METADATA_DISABLED="true",
    )
    late = convert(remote, "s3://bucket/late", first)
    convert(remote, late, second)
    remote.compare("s3-late", late, REMOTE)
    remote.ecstrail("compact", "--dataset", late)
    remote.compare("s3-compacted", late, REMOTE)
    table = convert(remote, "s3://bucket/table", first, options=("--table-format", "delta"))
    convert(remote, table, second)
    remote.ecstrail("compact", "--dataset", table)
    remote.compare("s3-delta", table, DELTA)
