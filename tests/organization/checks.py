"""What must be true of the datasets in the end. Each check yields what differs."""

import pyarrow.compute
import pyarrow.parquet

# Where a record was found depends on which of its copies was committed first.
PROVENANCE = ["source_file", "source_record_index", "source_byte_offset"]
SHOWN = 5
# A source is asked once whether it can be listed, before it is.
OPENING_LISTS = 1


def check_events(program, home, organization):
    """Every event that was delivered is there once, and nothing else is."""
    found = [row["event_id"] for row in program.query(home, "SELECT event_id FROM events")]
    if len(found) != len(set(found)):
        yield f"{len(found) - len(set(found))} events are there more than once"
    missing, foreign = organization.event_ids - set(found), set(found) - organization.event_ids
    if missing:
        yield f"{len(missing)} events are missing, such as {sorted(missing)[:SHOWN]}"
    if foreign:
        yield f"{len(foreign)} events were never delivered, such as {sorted(foreign)[:SHOWN]}"


def check_same_rows(program, home, other, folder):
    """Two datasets have the same rows, wherever they were found."""
    tables = []
    for number, each in enumerate([home, other]):
        path = folder / f"{number}.parquet"
        program.rows(each, path)
        table = pyarrow.parquet.read_table(path)
        table = table.drop_columns([name for name in PROVENANCE if name in table.column_names])
        order = pyarrow.compute.sort_indices(table, [("event_id", "ascending"), ("record_hash", "ascending")])
        tables.append(table.take(order).combine_chunks())
    ours, theirs = tables
    if ours.column_names != theirs.column_names or ours.num_rows != theirs.num_rows:
        shapes = [f"{table.num_rows} rows of {table.num_columns} columns" for table in tables]
        yield " unlike ".join(shapes)
        return
    for name in ours.column_names:
        if not ours.column(name).equals(theirs.column(name)):
            yield f"the column {name} differs from that of one conversion"


def check_totals(program, home, organization, log_files):
    """`status` says what was delivered."""
    status = program.status(home)
    rows = len(organization.event_ids)
    expected = {
        "log_files": log_files,
        "records": organization.records,
        "rows": rows,
        "duplicates": organization.copies,
        "filtered": organization.records - organization.copies - rows,
        "rejects": 0,
        "unpublished_commits": 0,
        "unfinished_runs": [],
    }
    for name, value in expected.items():
        if status[name] != value:
            yield f"status says {name} {status[name]}, not {value}"
    covered = sum(row["rows"] for row in status["coverage"])
    if covered != rows:
        yield f"the coverage of status adds up to {covered} rows, not {rows}"
    folders = {(row["account"], row["region"]) for row in status["coverage"]}
    if not folders <= set(organization.folders()):
        yield f"status covers {sorted(folders - set(organization.folders()))[:SHOWN]}"


def check_counts(run, new_files):
    """A conversion reads what is new and nothing else, and counts its own requests right."""
    said, requests = run.said, run.of("trail")
    stated = {
        "log files": (said["files"], new_files),
        "listed log files": (said["listed_files"], said["files"] + said["known_files"]),
        "LIST requests": (said["list_requests"] + OPENING_LISTS, requests.get("LIST", 0)),
        "GET requests": (said["files"], requests.get("GET", 0)),
    }
    for name, (value, expected) in stated.items():
        if value != expected:
            yield f"{name}: convert says {value}, not {expected}"
    further = {kind: count for kind, count in requests.items() if kind not in ("LIST", "GET", "HEAD")}
    if further:
        yield f"the trail is written to: {further}"
