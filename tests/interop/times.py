"""How long every report takes here and in DuckDB, in turn, on the same Parquet.

times.py ECSTRAIL DATASET [--rounds N] [--cold] [REPORT...]

Here: the whole process. There: from opening a connection to the last row, both written as CSV to
/dev/null. --cold drops the system's file cache before each run, which takes root. Printed is a line
a report: the medians in seconds, their ratio, and every run."""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time

import duckdb

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("dataset")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--cold", action="store_true")
parser.add_argument("reports", nargs="*")
options = parser.parse_args()

# For each parameter that cannot be left out, a query whose first value will do.
EXAMPLES = {
    "actor": "SELECT actor FROM events WHERE channel = 'console' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "address": "SELECT source_ip_address FROM events WHERE channel = 'console' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    "event_id": "SELECT event_id FROM events WHERE event_name = 'UpdateService' ORDER BY 1 LIMIT 1",
    "id": "SELECT request_id FROM events WHERE event_name = 'UpdateService' ORDER BY 1 LIMIT 1",
    "regions": "SELECT region FROM events GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "task": "SELECT array_element(task_ids, 1) FROM events WHERE event_name = 'StopTask' ORDER BY event_id LIMIT 1",
}
SETUP = [
    "SET TimeZone = 'UTC'",
    "CREATE VIEW events AS SELECT * FROM"
    f" read_parquet('{options.dataset}/events/**/*.parquet', hive_partitioning = true)",
]


def ecstrail(*arguments):
    run = subprocess.run([options.program, *arguments], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"ecstrail {' '.join(arguments)}: {run.stderr}")
    return run.stdout


def without_comments(text):
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()


def literal(parameter, value):
    if value is None:
        return "NULL"
    if parameter["type"] in ("integer", "number", "boolean"):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def here(name, settings):
    ecstrail("report", name, "-d", options.dataset, "--format", "csv", "--output", "/dev/null", *settings)


def there(sql):
    with duckdb.connect() as connection:
        for statement in SETUP:
            connection.execute(statement)
        connection.execute(f"COPY ({sql}) TO '/dev/null' (FORMAT csv)")


def seconds(run, *arguments):
    if options.cold:
        subprocess.run(["sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches"], check=True)
    start = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - start


SETUP.append(without_comments(ecstrail("describe", "views", "--engine", "duckdb")))
reports = {one["name"]: one for one in json.loads(ecstrail("describe", "reports", "--format", "json"))}
ratios, sums = [], [0, 0]
for name in options.reports or sorted(reports):
    values = {one["name"]: one["default"] for one in reports[name]["parameters"]}
    settings = []
    for parameter in reports[name]["parameters"]:
        if parameter["required"]:
            answer = ecstrail("query", EXAMPLES[parameter["name"]], "-d", options.dataset, "--format", "csv")
            # Of what the dataset has none of, something that it has not.
            values[parameter["name"]] = (answer.splitlines()[1:] or ["0"])[0]
            settings += ["--set", f"{parameter['name']}={values[parameter['name']]}"]
    sql = without_comments(ecstrail("report", name, "--sql", "duckdb")).removesuffix(";")
    for parameter in reports[name]["parameters"]:
        value = literal(parameter, values[parameter["name"]])
        sql = re.sub(rf"\${parameter['name']}\b", lambda _, value=value: value, sql)
    runs = [(seconds(here, name, settings), seconds(there, sql)) for _ in range(options.rounds)]
    ours, theirs = (statistics.median(side) for side in zip(*runs))
    ratios.append(ours / theirs)
    sums = [sums[0] + ours, sums[1] + theirs]
    shown = " ".join(f"{one:.2f}/{other:.2f}" for one, other in runs)
    print(f"{name:32} {ours:6.2f} {theirs:6.2f} {ours / theirs:6.2f}   {shown}", flush=True)
print(
    f"{len(ratios)} reports: {sums[0]:.1f} s here, {sums[1]:.1f} s in DuckDB; median ratio"
    f" {statistics.median(ratios):.2f}, {sum(ratio > 1 for ratio in ratios)} above 1"
)
