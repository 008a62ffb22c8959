"""Reads a dataset by its log, as crates/FORMAT.md describes it, and compares its rows.

usage: reader.py HOME ROWS.csv
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

import pyarrow.parquet

home, rows = Path(sys.argv[1]), sys.argv[2]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def names(folder):
    folder = home / "_ecstrail" / folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def checkpoint(name):
    """Returns version, head hash and files of a checkpoint; None if it is damaged."""
    data = (home / "_ecstrail/checkpoint" / name).read_bytes()
    manifest = json.loads(data)
    assert manifest["format_version"] == 1
    text = data[data.index(b'"checkpoint":') + len(b'"checkpoint":') : data.rindex(b"}")]
    if sha256(text) != manifest["sha256"]:
        return None
    said = json.loads(text)
    files = {}
    for segment in said["files"]:
        path = home / segment["path"]
        if not path.exists() or sha256(path.read_bytes()) != segment["sha256"]:
            return None
        lines = path.read_bytes().splitlines()
        assert len(lines) == segment["lines"]
        files.update((file["path"], file) for file in map(json.loads, lines))
    return said["version"], said["head_sha256"], files


assert json.loads((home / "_ecstrail/dataset.json").read_bytes())["format_version"] == 1
found = map(checkpoint, reversed(names("checkpoint")))
start, head, files = next(filter(None, found), (-1, "", {}))
done = {int(name) for name in names("done") if name.isdigit()}
version = start
is_done = True
for name in names("log"):
    if int(name.removesuffix(".json")) <= start:
        continue
    version += 1
    data = (home / "_ecstrail/log" / name).read_bytes()
    entry = json.loads(data)
    assert entry["format_version"] == 1 and entry["version"] == version, name
    assert entry["previous_sha256"] == head, f"{name} does not follow the entry before it"
    head = sha256(data)
    is_done = is_done and version in done
    if is_done:
        files.update((file["path"], file) for file in entry["adds"])
        for path in entry["removes"]:
            del files[path]

if version in done:
    assert (home / f"_ecstrail/done/{version:020}").read_text() == head, "the last entry is not what was committed"
assert not done or max(done) <= version, "an entry is missing"

read = []
for path, file in files.items():
    assert sha256((home / path).read_bytes()) == file["sha256"], path
    table = pyarrow.parquet.ParquetFile(home / path).read(columns=["event_id", "source_file"])
    assert table.num_rows == file["rows"], path
    read += zip(*(column.to_pylist() for column in table.columns))
with open(rows, newline="") as file:
    expected = sorted((row["event_id"], row["source_file"]) for row in csv.DictReader(file))
assert sorted((event_id or "", source) for event_id, source in read) == expected and expected
print(f"by the format: {len(read)} rows in {len(files)} files, from checkpoint {start} on")
