"""The rows of datasets, read by pyarrow from the plain files, as any other engine would."""

import io
import json
import re

import pyarrow
import pyarrow.compute
import pyarrow.parquet

DATA_FILE = re.compile(
    r"events/date=\d{4}-\d\d-\d\d/region=[a-z0-9-]+/part-\d{8}-[0-9a-f]{16}(-\d+)+\.parquet"
)
# Where a record was found depends on which of its copies was committed first.
PROVENANCE = ["source_file", "source_record_index", "source_byte_offset"]
KEY = ["event_id", "recipient_account_id", "record_hash"]


def check_nothing_foreign(place, home):
    """Everything below events/ is a whole data file that a log entry names."""
    names = place.names(home, "events")
    log = place.names(home, "_ecstrail/log")
    log = b"".join(place.read(home, name) or b"" for name in log).decode()
    for name in names:
        assert DATA_FILE.fullmatch(name), f"{name} is foreign"
        assert f'"{name}"' in log, f"{name} is not committed"
        data = place.read(home, name)
        # A compaction may have removed it since it was listed.
        assert data is None or data[:4] == data[-4:] == b"PAR1", f"{name} is not whole"
    return names


def read(place, home, names=None):
    """Returns all rows below events/, or those of some files, with their partition, sorted."""
    tables = []
    for name in place.names(home, "events") if names is None else names:
        table = pyarrow.parquet.read_table(io.BytesIO(place.read(home, name)))
        partition = pyarrow.array([name.rsplit("/", 1)[0]] * table.num_rows, pyarrow.string())
        table = table.append_column("partition", partition)
        tables.append(table.drop_columns([name for name in PROVENANCE if name in table.column_names]))
    return sort(pyarrow.concat_tables(tables)) if tables else None


def sort(table):
    order = pyarrow.compute.sort_indices(table, [(name, "ascending") for name in KEY])
    return table.take(order).combine_chunks()


def keys(table):
    """Returns what tells the rows of a table from each other."""
    return [] if table is None else list(zip(*(table.column(name).to_pylist() for name in KEY)))


def live(place, home):
    """Returns the data files that the published part of the log leaves, as queries see them."""
    done = {name.rsplit("/", 1)[1] for name in place.names(home, "_ecstrail/done")}
    files = set()
    for name in place.names(home, "_ecstrail/log"):
        entry = json.loads(place.read(home, name))
        if f"{entry['version']:020}" not in done:
            break
        files |= {added["path"] for added in entry["adds"]}
        files -= set(entry["removes"])
    return sorted(files)


def after(place, home, version):
    """Returns the data files that the log leaves after one of its versions."""
    files = set()
    for number in range(version + 1):
        entry = json.loads(place.read(home, f"_ecstrail/log/{number:020}.json"))
        files |= {added["path"] for added in entry["adds"]}
        files -= set(entry["removes"])
    return sorted(files)


def delta(place, home):
    """Returns the version of the Delta log and its data files, from its commits alone."""
    files, version = set(), -1
    names = place.names(home, "_delta_log")
    for version, name in enumerate(name for name in names if name.endswith(".json")):
        assert name == f"_delta_log/{version:020}.json", f"{name} follows version {version - 1}"
        for line in place.read(home, name).decode().splitlines():
            action = json.loads(line)
            if "add" in action:
                files.add(action["add"]["path"])
            if "remove" in action:
                files.remove(action["remove"]["path"])
    return version, sorted(files)


def of(table, wanted):
    """Returns the rows whose keys are wanted."""
    mask = pyarrow.array([key in wanted for key in keys(table)], pyarrow.bool_())
    return table.filter(mask).combine_chunks()
