"""Every report over a dataset of many events is, byte by byte, what ecstrail itself says, and how long both
take: Sail over a Delta table on an S3 server, and Spark over the Parquet files of a local folder.

usage: large.py PROGRAM SAIL MOTO_SERVER GENERATE EVENTS DAYS FOLDER [times]

GENERATE is the program that makes trails; each of the days is a data file in each of three Regions. With `times` one question is asked after the other, of each engine
in turn, and the times of each report are printed; without, two at a time, of Sail alone."""

import json
import pathlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import servers
from bucket import HOME, with_sail

program, sail, moto_server, generate, events, days = sys.argv[1:7]
folder = pathlib.Path(sys.argv[7])
is_timed = sys.argv[8:] == ["times"]
# What Sail cannot run yet, and what it says of it.
UNABLE = {"container-exits": "BoundedWindowAggExec"}
TOKEN = "s3cr3t-t0k3n"
# Where parameters that need a value find one.
VALUES = {
    "actor": "max(actor) AS value FROM events",
    "address": "max(source_ip_address) AS value FROM events",
    "event_id": "max(event_id) AS value FROM events",
    "id": "max(request_id) AS value FROM events",
    "regions": "max(region) AS value FROM events",
    "task": "max(task_id) AS value FROM tasks",
}


def asked(bucket, *words):
    """The exit code, stdout and stderr, and the seconds until they are there."""
    begin = time.monotonic()
    run = bucket.begin(*words)
    out, error = run.communicate()
    return (run.returncode, out, error), time.monotonic() - begin


def arguments(bucket, report, place):
    """Values for the parameters that need one."""
    for parameter in report["parameters"]:
        if parameter["required"]:
            sql = f"SELECT {VALUES[parameter['name']]}"
            [row] = json.loads(bucket.run("query", sql, "--dataset", place, "--format", "json"))
            yield from ("--set", f"{parameter['name']}={row['value']}")


def compared(bucket, report, place, address):
    """The seconds that the report takes here and there, and what differs."""
    name = report["name"]
    words = ["report", name, *arguments(bucket, report, place), "--dataset", place, "--format", "json"]
    (here, own), (there, others) = asked(bucket, *words), asked(bucket, *words, "--engine", address)
    is_known = place == HOME and UNABLE.get(name, "\0") in there[2]
    if here[0]:
        problem = f"fails here: {here[2]}"
    elif here == there:
        problem = "is in UNABLE, and is run" if place == HOME and name in UNABLE else None
    else:
        problem = None if is_known else f"differs: {there[0]} {there[2][:500]}"
    return own, others, bool(is_known), problem and f"{name} at {address}: {problem}"


def compare(about, bucket, place, address):
    rows = json.loads(bucket.run("status", "--dataset", place, "--format", "json"))["rows"]
    reports = json.loads(bucket.run("describe", "reports", "--format", "json"))
    with ThreadPoolExecutor(1 if is_timed else 2) as pool:
        found = list(pool.map(lambda report: compared(bucket, report, place, address), reports))
    if is_timed:
        for report, (own, others, is_known, _) in zip(reports, found):
            print(f"{about:6} {report['name']:32} {own:7.2f} s here {others:7.2f} s there{' (cannot run it)' * is_known}")
        own, others = (sum(one[column] for one in found if not one[2]) for column in (0, 1))
        print(f"{about}: {own:.1f} s here, {others:.1f} s there")
    unable = sum(is_known for _, _, is_known, _ in found)
    print(f"{about}: {len(reports)} reports over {rows:,} rows, {unable} that it cannot run yet", flush=True)
    return [problem for *_, problem in found if problem]


trail, local = folder / "trail", folder / "local"
subprocess.run(
    [generate, "--to", trail, "--events", events, "--accounts", "4", "--regions", "3", "--from", "2026-04-01",
     "--days", days, "--ecs-share", "1", "--seed", "7"],
    check=True, stdout=subprocess.DEVNULL,
)
with with_sail(program, sail, moto_server, folder) as (bucket, port):
    convert = ("convert", trail, "--event-source", "all")
    bucket.run(*convert, "--to", HOME, "--table-format", "delta", may=(0, 3))
    problems = compare("Sail", bucket, HOME, f"sc://127.0.0.1:{port}")
    if is_timed:
        bucket.run(*convert, "--to", local, may=(0, 3))
        with servers.spark(folder, TOKEN) as (spark_port, _):
            bucket.environment["ECSTRAIL_SPARK_TOKEN"] = TOKEN
            problems += compare("Spark", bucket, local, f"sc://127.0.0.1:{spark_port}/;use_ssl=false")
if problems:
    sys.exit("\n".join(problems))
