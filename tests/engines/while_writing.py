"""Counts the rows of a Delta table on an S3 server through Sail, again and again, while four shards convert
a trail into it and compactions merge its files: no count is between commits, and none goes back.

usage: while_writing.py PROGRAM SAIL MOTO_SERVER FOLDER

Which numbers of rows there have been is read off the Delta log."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.request
import xml.etree.ElementTree

import servers

SHARDS = 4
COMPACTIONS = 3
# Counts while rows are added and files are merged, at least.
COUNTS = 20
S3 = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "ECSTRAIL_CONFIG": ""}
HOME = "s3://bucket/dataset"
# The server asks for the name of a key, and does not verify signatures.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260427/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}

program, sail_program, moto_server = sys.argv[1:4]
folder = pathlib.Path(sys.argv[4])
trail = pathlib.Path(__file__).resolve().parents[2] / "data-samples/trail"


class Runs:
    """The program, with access to the S3 server."""

    def __init__(self, url):
        self.url = url
        self.environment = {**os.environ, **S3, "AWS_ENDPOINT_URL": url}

    def begin(self, *words):
        words = [program, *map(str, words)]
        return subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, run, may=(0,)):
        out, error = run.communicate()
        assert run.returncode in may, f"{run.args}: {run.returncode}\n{error}"
        return out

    def run(self, *words, may=(0,)):
        return self.end(self.begin(*words), may)

    def get(self, path):
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/bucket{path}", headers=SIGNED)) as answer:
            return answer.read()

    def keys(self, prefix):
        """All keys below a prefix of the bucket."""
        names, token = [], ""
        while True:
            more = f"&continuation-token={urllib.request.quote(token)}" if token else ""
            page = xml.etree.ElementTree.fromstring(self.get(f"?list-type=2&prefix={prefix}{more}"))
            space = page.tag.partition("}")[0] + "}"
            names += [key.text for key in page.iter(f"{space}Key")]
            token = page.findtext(f"{space}NextContinuationToken") or ""
            if not token:
                return names

    def totals(self):
        """The rows that the table has after each of its versions."""
        totals, files, rows = [], {}, 0
        for key in sorted(key for key in self.keys("dataset/_delta_log/") if key.endswith(".json")):
            for action in map(json.loads, self.get(f"/{key}").splitlines()):
                if "add" in action:
                    files[action["add"]["path"]] = json.loads(action["add"]["stats"])["numRecords"]
                    rows += files[action["add"]["path"]]
                if "remove" in action:
                    rows -= files[action["remove"]["path"]]
            totals.append(rows)
        return totals


def main():
    with servers.s3(moto_server, folder) as url:
        # Sail wants to be told that the server does not speak TLS.
        with servers.sail(sail_program, folder, **S3, AWS_ENDPOINT_URL=url, AWS_ALLOW_HTTP="true") as (port, _):
            count_while_writing(Runs(url), port)


def count_while_writing(runs, port):
    urllib.request.urlopen(urllib.request.Request(f"{runs.url}/bucket", method="PUT")).close()
    convert = ("convert", trail, "--event-source", "all", "--to", HOME, "--commit-every", "8KiB")
    shards = SHARDS + 1
    # The table is there before anybody counts.
    runs.run(*convert, "--table-format", "delta", "--shard", f"{shards}/{shards}", may=(0, 3))
    counts, problems, done = [], [], threading.Event()

    def count():
        query = ("query", "SELECT count(*) AS rows, count(event_id) AS ids FROM events", "--dataset", HOME)
        try:
            while not done.is_set() or len(counts) < COUNTS:
                answer = json.loads(runs.run(*query, "--engine", f"sc://127.0.0.1:{port}", "--format", "json"))
                counts.append(answer[0]["rows"])
        except BaseException as error:  # Whatever it was is told by the other thread.
            problems.append(error)

    counting = threading.Thread(target=count)
    counting.start()
    converting = [runs.begin(*convert, "--shard", f"{number}/{shards}") for number in range(1, shards)]
    for _ in range(COMPACTIONS):
        runs.run("compact", "--dataset", HOME)
    for shard in converting:
        runs.end(shard, may=(0, 3))
    runs.run("compact", "--dataset", HOME)
    done.set()
    counting.join()
    assert not problems, problems
    totals = runs.totals()
    between = [found for found in counts if found not in totals]
    assert not between, f"counted {between}, between the commits' {sorted(set(totals))}"
    assert counts == sorted(counts), counts
    [status] = [json.loads(runs.run("status", "--dataset", HOME, "--format", "json"))]
    assert counts[-1] == totals[-1] == status["rows"], (counts[-1], totals[-1], status["rows"])
    seen = len(set(counts))
    assert seen > 2, counts
    print(
        f"{len(counts)} counts through Sail saw {seen} of the {len(set(totals))} numbers of rows that {len(totals)} "
        f"commits of {shards} shards and {COMPACTIONS + 1} compactions have had, and nothing between"
    )


main()
