"""Invokes the example for AWS Lambda: log files in a bucket are rows once the function was told of them, and
are rows once however often it is told.

usage: invoke.py FUNCTION ECSTRAIL

The bucket is moto's, and the interface that Lambda has for functions is played here."""

import http.server
import json
import logging
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import boto3
from moto.server import ThreadedMotoServer

function, program = sys.argv[1:]
trail = pathlib.Path(__file__).resolve().parents[2] / "data-samples/trail/AWSLogs"
TRAIL, DATASET = "trail", "s3://datasets/prod"
SECONDS = 60
logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Lambda(http.server.BaseHTTPRequestHandler):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

    protocol_version = "HTTP/1.1"
    events, answers = queue.Queue(), queue.Queue()

    def do_GET(self):
        event = json.dumps(self.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:convert")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.answers.put((self.path.rpartition("/")[2], json.loads(body)))

    def log_message(self, *_):
        pass


def notified(keys):
    """The event with a message about these objects."""
    objects = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": TRAIL}, "object": {"key": urllib.parse.quote_plus(key, safe="/")}}}
        for key in keys
    ]
    return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps({"Records": objects})}]}


def invoked(event):
    Lambda.events.put(event)
    return Lambda.answers.get(timeout=SECONDS)


moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
moto.start()
endpoint = "http://{}:{}".format(*moto.get_host_and_port())
os.environ.update(
    AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret", AWS_SESSION_TOKEN="token", AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1", AWS_ENDPOINT_URL=endpoint, ECSTRAIL_CONFIG="",
)
s3 = boto3.client("s3")
for bucket in (TRAIL, "datasets"):
    s3.create_bucket(Bucket=bucket)
paths = sorted(path for path in trail.rglob("*") if path.is_file())
keys = [f"AWSLogs/{path.relative_to(trail)}" for path in paths]
for path, key in zip(paths, keys):
    s3.put_object(Bucket=TRAIL, Key=key, Body=path.read_bytes())

api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lambda)
api.daemon_threads = True
threading.Thread(target=api.serve_forever, daemon=True).start()
environment = {
    **os.environ,
    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}",
    "AWS_LAMBDA_FUNCTION_NAME": "convert", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    # S3 itself is asked with TLS.
    "AWS_ALLOW_HTTP": "true",
    "DATASET": DATASET, "EVENT_SOURCES": "all",
}


def rows(dataset):
    """The events, each with the name of its log file. The folders of the trail are not in `source_file` if the
    log file was converted alone."""
    query = ("query", "SELECT source_file, event_id, record_hash FROM events", "--format", "csv", "--dataset", dataset)
    lines = subprocess.run([program, *query], check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(line.rpartition("/")[2] for line in lines)


with tempfile.TemporaryDirectory() as folder:
    process = subprocess.Popen([function], env=environment, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        # What S3 says when notifications are turned on.
        test = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": TRAIL}
        answer = invoked({"Records": [{"messageId": "0", "body": json.dumps(test)}]})
        assert answer == ("response", {"log_files": 0}), answer
        counts = []
        batch = len(keys) // 5 + 1
        for begin in range(0, len(keys), batch):
            kind, answer = invoked(notified(keys[begin : begin + batch]))
            assert kind == "response", answer
            counts.append(answer["rows"])
        assert all(counts), counts
        kind, again = invoked(notified(keys[:batch] * 2))
        assert kind == "response" and again["rows"] == 0 and again["files"] == 0, again
        kind, missing = invoked(notified(["AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/nothing.json.gz"]))
        assert kind == "error" and "nothing.json.gz" in missing["errorMessage"], missing
    finally:
        process.kill()
        process.communicate()
    whole = f"{folder}/whole"
    run = subprocess.run([program, "convert", f"s3://{TRAIL}/AWSLogs", "--event-source", "all", "--to", whole], capture_output=True, text=True)
    assert run.returncode in (0, 3), run.stderr
    assert rows(DATASET) == rows(whole)
    # What is converted then in one go knows the log files.
    run = subprocess.run([program, "convert", f"s3://{TRAIL}/AWSLogs", "--event-source", "all", "--to", DATASET, "--format", "json"], capture_output=True, text=True)
    summary = json.loads(run.stdout)
    assert summary["files"] == summary["rows"] == 0, summary
    subprocess.run([program, "verify", "--records", "--dataset", DATASET], check=True, capture_output=True)
moto.stop()
print(f"{sum(counts)} rows of {len(keys)} log files in {len(counts)} invocations, and none twice")
