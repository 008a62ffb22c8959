"""Every report has the rows with `--engine athena:WORKGROUP/DATABASE` that it has without, byte for byte, in
every scenario. AWS is moto's server on loopback, in this process; what Athena runs, DuckDB runs.

usage: athena.py PROGRAM PYTHON

PYTHON has duckdb and sqlglot. moto has no tables of Athena's, gives the results that it was given and no
pages of them: these three are added here."""

import concurrent.futures
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

import boto3
from moto.athena.models import AthenaBackend, QueryResults
from moto.athena.responses import AthenaResponse
from moto.server import ThreadedMotoServer

program, python = sys.argv[1:]
here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
WORKGROUP, DATABASE, HOME = "audit", "security", "s3://bucket/home"
# Rows of a page, so that answers have several.
PAGE = 7

os.environ.update(
    AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing12345", AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", ECSTRAIL_CONFIG="",
)
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def ecstrail(*words, may=(0,)):
    run = subprocess.run([program, *words], capture_output=True, text=True)
    if run.returncode not in may:
        sys.exit(f"ecstrail {' '.join(words)}: {run.stderr}")
    return run


class Answers:
    """What DuckDB answers to Athena's SQL, in a process of its own."""

    def __init__(self, dataset):
        command = [python, here / "athena_in_duckdb.py", dataset]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.turn = threading.Lock()

    def to(self, sql):
        with self.turn:
            self.process.stdin.write(json.dumps(sql) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())


def set_up(answers, location):
    """Adds to moto what it does not have."""
    problems = []

    def give_result(backend, execution):
        if execution not in backend.query_results:
            answer = answers.to(backend.executions[execution].query)
            problems.extend(answer.get("problems", []))
            backend.query_results[execution] = QueryResults(answer["rows"], answer["columns"])

    def get_query_results(response):
        backend = response.athena_backend
        result = backend.get_query_results(response._get_param("QueryExecutionId")).to_dict()
        rows = result["ResultSet"]["Rows"]
        begin = int(response._get_param("NextToken") or 0)
        result["ResultSet"]["Rows"] = rows[begin : begin + PAGE]
        if begin + PAGE < len(rows):
            result["NextToken"] = str(begin + PAGE)
        return json.dumps(result)

    def get_table_metadata(response):
        asked = (response._get_param("CatalogName"), response._get_param("DatabaseName"), response._get_param("TableName"))
        if asked != ("AwsDataCatalog", DATABASE, "events"):
            problems.append(f"the table {asked} was asked for")
        return json.dumps({"TableMetadata": {"Name": "events", "Parameters": {"location": location}}})

    AthenaBackend._store_predefined_query_results = give_result
    AthenaResponse.get_query_results = get_query_results
    AthenaResponse.get_table_metadata = get_table_metadata
    return problems


def scenarios():
    """Each report with each of the arguments that it is run with."""
    seen = []
    with open(root / "tests/reports/scenarios.jsonl", encoding="utf-8") as lines:
        for run in map(json.loads, lines):
            one = (run["report"], [word for pair in run.get("set", {}).items() for word in ("--set", "=".join(pair))])
            if one not in seen:
                seen.append(one)
    return seen


def main(folder):
    dataset = f"{folder}/dataset"
    trail, near_misses = root / "data-samples/trail", root / "tests/reports/near-misses.jsonl"
    ecstrail("convert", trail, near_misses, "--event-source", "all", "--to", dataset, may=(0, 3))
    problems = set_up(Answers(dataset), f"{HOME}/events/")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    os.environ["AWS_ENDPOINT_URL_ATHENA"] = endpoint
    athena = boto3.client("athena", endpoint_url=endpoint)
    results = {"ResultConfiguration": {"OutputLocation": "s3://results/"}}
    athena.create_work_group(Name=WORKGROUP, Configuration=results)

    reports = {report["name"] for report in json.loads(ecstrail("describe", "reports", "--format", "json").stdout)}
    runs = scenarios()
    problems += [f"{name}: no scenario" for name in sorted(reports - {name for name, _ in runs})]
    elsewhere = ["--engine", f"athena:{WORKGROUP}/{DATABASE}", "--location", HOME]

    def compared(run):
        """Whether the answer has several pages, and what is wrong with it."""
        name, arguments = run
        asked = ["report", name, "--dataset", dataset, "--format", "json", *arguments]
        here, there = ecstrail(*asked), ecstrail(*asked, *elsewhere, may=(0, 1))
        has_pages = here.stdout.count("\n") > PAGE + 2
        if here.stdout != there.stdout:
            both = zip(here.stdout.splitlines(), there.stdout.splitlines())
            first = next((pair for pair in both if pair[0] != pair[1]), ("all of one", "the other"))
            return has_pages, f"{name} {arguments}: {there.stderr[:500]}{first[0][:600]}\n  {first[1][:600]}"
        if "Athena scanned 0 bytes" not in there.stderr:
            return has_pages, f"{name} {arguments}: no cost: {there.stderr}"
        return has_pages, None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(compared, runs))
    problems += [problem for _, problem in found if problem]
    pages = sum(has_pages for has_pages, _ in found)

    # What a name is missing for, and from when events are, is said alike.
    for words in (["deployments", "--service", "nothing"], ["timeline", "--from", "2031-01-01"]):
        asked = ["report", *words, "--dataset", dataset, "--format", "csv"]
        here, there = ecstrail(*asked).stderr.splitlines(), ecstrail(*asked, *elsewhere).stderr.splitlines()
        if there[:-1] != here:
            problems.append(f"{words}: {here} here, {there} there")

    queries = athena.list_query_executions(WorkGroup=WORKGROUP)["QueryExecutionIds"]
    server.stop()
    print(
        f"{len(reports)} reports, {len(runs)} runs of them, {pages} with several pages:"
        f" {len(queries)} queries in Athena's SQL, run by DuckDB"
    )
    if problems:
        sys.exit("\n".join(problems))


with tempfile.TemporaryDirectory() as temporary:
    main(temporary)
