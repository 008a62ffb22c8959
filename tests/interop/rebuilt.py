"""Checks that exported records are the original ones, token by token.

usage: rebuilt.py SOURCE EXPORTED [HELD.csv]

SOURCE is a folder of log files or one file; EXPORTED is a file of JSON lines or a folder of log files.
Each exported record must stand in SOURCE, and each distinct record of SOURCE must have been exported;
digests, Insights and what is broken are left out. Tokens are compared as texts: the spelling of numbers, members that stand
twice and lone surrogates count, the order of members does not. HELD.csv holds the column unmapped of
every row, for the share of records that were kept whole.
"""

import collections
import csv
import gzip
import hashlib
import json
import pathlib
import sys

csv.field_size_limit(1 << 30)


class Number(str):
    """A number as it is spelled."""


def members(pairs):
    return ("object", sorted(pairs, key=lambda pair: (pair[0], repr(pair[1]))))


decoder = json.JSONDecoder(
    object_pairs_hook=members, parse_int=Number, parse_float=Number, parse_constant=Number, strict=False
)


def fingerprint(record):
    def write(value):
        if isinstance(value, tuple):
            return ("{", [(name, write(member)) for name, member in value[1]])
        if isinstance(value, list):
            return ("[", [write(element) for element in value])
        return (type(value).__name__, value)

    text = repr(write(record))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def records_of(path):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError):
            return
    text = data.decode("utf-8", "surrogatepass")
    try:
        document = decoder.decode(text)
    except ValueError:
        # One record a line, or a file with a broken record: take what can be read of it.
        for line in text.split('{"eventVersion"')[1:] if text.startswith('{"Records"') else text.splitlines():
            try:
                prefix = '{"eventVersion"' if text.startswith('{"Records"') else ""
                yield decoder.raw_decode(prefix + line)[0]
            except ValueError:
                pass
        return
    if isinstance(document, tuple):
        inner = [value for name, value in document[1] if name == "Records"]
        document = inner[0] if inner else [document]
    yield from (record for record in document if isinstance(record, tuple))


def files(place):
    place = pathlib.Path(place)
    found = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    return [path for path in found if "CloudTrail-" not in path.name]


source, exported = sys.argv[1:3]
originals = collections.Counter()
for path in files(source):
    for record in records_of(path):
        originals[fingerprint(record)] += 1
found = 0
if pathlib.Path(exported).is_dir():
    rebuilt = (record for path in files(exported) for record in records_of(path))
else:
    rebuilt = (decoder.decode(line) for line in open(exported, encoding="utf-8"))
left = originals.copy()
seen = set()
for record in rebuilt:
    key = fingerprint(record)
    assert left[key] > 0, f"not in {source}: {json.dumps(record)[:400]}"
    left[key] -= 1
    seen.add(key)
    found += 1
lost = len(originals) - len(seen)
assert not lost, f"{lost} distinct records of {source} were not exported"
assert found, "no records to compare"
summary = f"{found} records rebuilt, all {len(seen)} distinct ones of {sum(originals.values())}"
if len(sys.argv) > 3:
    with open(sys.argv[3], newline="") as file:
        held = [row["unmapped"] for row in csv.DictReader(file)]
    assert len(held) == found
    some, whole = sum(text != "" for text in held), sum(text.startswith('{"~record"') for text in held)
    summary += f"; unmapped holds something of {some} ({some / found:.3%}), {whole} are kept whole ({whole / found:.3%})"
    assert whole * 200 < found, f"{whole} of {found} records are kept whole"
print(summary)
