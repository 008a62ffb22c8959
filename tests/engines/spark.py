"""Reports that Spark Connect servers run are, byte by byte, those that ecstrail itself runs.

usage: spark.py PROGRAM SAIL FOLDER [all]

Asks Spark 4, with executors in processes of their own, over Parquet files, and Sail over a Delta table: every
report once, or with `all` in every scenario of tests/reports. What is written to stderr must be the same
as well. Then what goes wrong: nothing listens, something else listens, TLS on one side alone, a wrong
token, wrong SQL, a dataset that is not there, Ctrl-C, and a server that dies. Each is one clear line and
leaves no file."""

import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import servers

program, sail_program, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
runs_all = sys.argv[4:] == ["all"]
repository = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "s3cr3t-t0k3n"
# What Sail cannot run yet, with any arguments or with these, and what it says of it.
UNABLE = {
    "container-exits": "BoundedWindowAggExec",
    "task-definition-posture rule=secret-in-environment": "No field named",
}
# Rows come for minutes; and none comes before minutes.
ROWS = "SELECT id, sha2(CAST(id AS STRING), 256) AS hash FROM range(0, 4000000000, 1, 40000)"
NO_ROWS = "SELECT max(sha2(CAST(id AS STRING), 256)) AS hash FROM range(0, 4000000000, 1, 40000)"
COUNT = "SELECT count(*) AS events FROM events"

problems = []


def check(holds, *about):
    if not holds:
        problems.append(" ".join(str(one) for one in about))


def begun(*words, **environment):
    return subprocess.Popen(
        [program, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, **environment},
    )


def ended(process, timeout=120):
    """The exit code, stdout and stderr."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def run(*words, **environment):
    return ended(begun(*words, **environment))


def failed(about, outcome, *words, code=1):
    """A failure is one line, which has these words and no secret."""
    found, out, err = outcome
    says = found == code and not out and err.count("\n") == 1 and all(word in err for word in words)
    check(says and "s3cr3t" not in err, f"{about}:", outcome)


def scenarios():
    """The runs of reports: the name, and the words for its arguments."""
    seen = set()
    for line in (repository / "tests/reports/scenarios.jsonl").read_text(encoding="utf-8").splitlines():
        scenario = json.loads(line)
        given = scenario.get("set", {})
        key = (scenario["report"], json.dumps(given, sort_keys=True) if runs_all else "")
        if key not in seen:
            seen.add(key)
            yield scenario["report"], [word for pair in given.items() for word in ("--set", "=".join(pair))]


def label(name, arguments):
    return " ".join([name, *arguments[1::2]])


def compare(about, address, dataset, unable):
    """Asks the engine for every report, two at a time, in one format and the other."""
    def asked(numbered):
        number, (name, arguments) = numbered
        words = ["report", name, *arguments, "--dataset", dataset, "--format", ("json", "csv")[number % 2]]
        here, there = run(*words), run(*words, "--engine", address, ECSTRAIL_SPARK_TOKEN=TOKEN)
        if here == there:
            return None
        for known in (name, label(name, arguments)):
            if known in unable and there[0] == 1 and unable[known] in there[2]:
                return known
        what = "rows" if here[1] != there[1] else "words"
        check(False, about, name, arguments, f"has other {what}:", there[0], there[2][:500])
        return None

    begin = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        known = [name for name in pool.map(asked, enumerate(scenarios())) if name]
    runs = {one for name, arguments in scenarios() for one in (name, label(name, arguments))}
    for name in (unable.keys() & runs) - set(known):
        check(False, about, "can run", name, "now: take it out of UNABLE")
    count = sum(1 for _ in scenarios())
    print(
        f"{about}: {count} runs of reports in {time.monotonic() - begin:.0f} s; {len(known)} that it cannot run yet",
        flush=True,
    )


def book(about, address, dataset):
    """A book's reports are asked in one session."""
    words = ["book", "actors", "denied-calls", "timeline", "--dataset", dataset, "--format", "json"]
    here, there = run(*words), run(*words, "--engine", address, ECSTRAIL_SPARK_TOKEN=TOKEN)
    undated = [re.sub(r'"made_at": ?"[^"]*"', "", out) for _, out, _ in (here, there)]
    check(here[0] == there[0] == 0 and undated[0] == undated[1], f"{about}: the book differs:", there[0], there[2][:500])


def wrong(about, address, dataset):
    """What is wrong with a question is said in the engine's words."""
    def asked(sql, *more):
        return run("query", sql, "--dataset", dataset, "--engine", address, *more, ECSTRAIL_SPARK_TOKEN=TOKEN)

    failed(f"{about}: wrong SQL", asked("SELECT 1 FROM events WHERE WHERE"), "WHERE")
    failed(f"{about}: no table", asked("SELECT 1 FROM nowhere"), "TABLE_OR_VIEW_NOT_FOUND", "nowhere")
    failed(f"{about}: a statement", asked("DROP VIEW events"), "DROP is not allowed", code=2)
    failed(f"{about}: no dataset", asked(COUNT, "--location", "/nowhere"), "/nowhere", "--location")
    bound = asked("SELECT $who AS who", "--set", "who=it's", "--format", "csv")
    check(bound == (0, "who\nit's\n", ""), f"{about}: a value", bound)


def long(address, dataset, sql, seconds):
    """A query that runs for a while already, the file for its rows, and when it began."""
    output = folder / "rows" / "rows.csv"
    output.parent.mkdir(exist_ok=True)
    words = ["query", sql, "--dataset", dataset, "--engine", address, "--output", output]
    process = begun(*words, ECSTRAIL_SPARK_TOKEN=TOKEN)
    deadline = time.monotonic() + 30
    while sql == ROWS and time.monotonic() < deadline:
        if any(path.stat().st_size > 100_000 for path in output.parent.iterdir()):
            break
        time.sleep(0.1)
    time.sleep(seconds)
    check(process.poll() is None, "the long query is over", process.poll())
    return process, output.parent


def interrupted(about, address, dataset, queries):
    """Ctrl-C ends the query at the server too: it is not in the way of the next one. A session that others
    use as well stays."""
    for sql, session in queries:
        process, rows = long(address + session, dataset, sql, 2)
        process.send_signal(signal.SIGINT)
        outcome = ended(process, 15)
        check(outcome[0] == 130 and not list(rows.iterdir()), f"{about}: Ctrl-C", outcome, list(rows.iterdir()))
        begin = time.monotonic()
        words = ["query", COUNT, "--dataset", dataset, "--engine", address, "--format", "csv"]
        outcome = run(*words, ECSTRAIL_SPARK_TOKEN=TOKEN)
        took = time.monotonic() - begin
        check(outcome[0] == 0 and took < 20, f"{about}: {took:.0f} s after Ctrl-C", outcome)


def killed(about, address, dataset, process, sql, *words):
    """A server that dies is one line, and no file."""
    query, rows = long(address, dataset, sql, 1)
    process.kill()
    failed(f"{about}: killed", ended(query), "the connection was lost", *words)
    check(not list(rows.iterdir()), f"{about}: killed, and there is", list(rows.iterdir()))


def unreachable(dataset, spark_port, sail_port):
    """What listens is not what the address says."""
    def asked(address, **environment):
        return run("query", COUNT, "--dataset", dataset, "--engine", address, **environment)

    local = f"sc://127.0.0.1:{spark_port}/;use_ssl=false"
    failed("a wrong token", asked(local, ECSTRAIL_SPARK_TOKEN="s3cr3t-other"), "refused the token")
    failed("no token", asked(local), "asks for a token", "ECSTRAIL_SPARK_TOKEN")
    failed("a token for everyone", asked("sc://example.com/;token=s3cr3t;use_ssl=false"), "without encryption", code=2)
    failed("no port", asked("sc://127.0.0.1:x"), "is not a number", code=2)
    failed("nobody", asked(f"sc://127.0.0.1:{servers.free_port()}"), "nothing listens")
    failed("no host", asked("sc://nowhere.invalid"), "the name of the host is not known")
    failed("TLS here alone", asked(f"sc://127.0.0.1:{sail_port}/;use_ssl=true"), "does not speak TLS")
    with servers.web() as port:
        failed("a web server", asked(f"sc://127.0.0.1:{port}"), "not that of a Spark Connect server")
    trusted = {"SSL_CERT_FILE": str(servers.certificates(folder))}
    with servers.encrypted(folder, sail_port) as port:
        failed("TLS there alone", asked(f"sc://localhost:{port}", **trusted), "add ;use_ssl=true")
        failed("an unknown issuer", asked(f"sc://localhost:{port}/;use_ssl=true"), "its certificate is not trusted")
        both = asked(f"sc://localhost:{port}/;token={TOKEN}", **trusted)
        check(both[0] == 0 and both[2] == "", "TLS on both sides", both)
        proxied(port, asked, trusted)


def proxied(port, asked, trusted):
    """An encrypted connection goes through the proxy of the environment."""
    address = f"sc://localhost:{port}/;use_ssl=true"
    serving, used = servers.proxy(base64.b64encode(b"nikki:s3cr3t").decode())
    with serving as proxy_port:
        through = {**trusted, "HTTPS_PROXY": f"http://nikki:s3cr3t@127.0.0.1:{proxy_port}"}
        both = asked(address, **through)
        check(both[0] == 0 and both[2] == "", "through a proxy", both)
        check(set(used) == {f"localhost:{port}"}, "through the proxy went", used)
        used.clear()
        check(asked(address, **through, NO_PROXY="localhost")[0] == 0 and not used, "NO_PROXY", used)
        unknown = f"http://nikki:s3cr3t-other@127.0.0.1:{proxy_port}"
        failed("a proxy that refuses", asked(address, **{**trusted, "HTTPS_PROXY": unknown}), "through the proxy", "NO_PROXY")
    for proxy, words, code in [
        (f"http://127.0.0.1:{servers.free_port()}", "through the proxy", 1),
        ("socks5://127.0.0.1:1", "only http:// proxies", 2),
    ]:
        failed("a proxy", asked(address, **trusted, HTTPS_PROXY=proxy), words, code=code)


def converted(name):
    home = folder / name
    sources = [repository / "data-samples/trail", repository / "tests/reports/near-misses.jsonl"]
    code, _, err = run("convert", *sources, "--event-source", "all", "--to", home)
    # The samples hold records that are refused on purpose.
    assert code == 3, err
    return home


# Characters that are a pattern elsewhere.
parquet, delta = converted("parquet [x] {y} é%20"), converted("delta")
assert run("table", "--add", "delta", "--dataset", delta)[0] == 0

with servers.spark(folder, TOKEN) as (spark_port, spark), servers.sail(sail_program, folder) as (sail_port, sail):
    to_spark, to_sail = f"sc://127.0.0.1:{spark_port}/;use_ssl=false", f"sc://127.0.0.1:{sail_port}/;use_ssl=false"
    compare("Sail, Delta", to_sail, delta, UNABLE)
    compare("Spark, Parquet", to_spark, parquet, {})
    book("Sail", to_sail, delta)
    book("Spark", to_spark, parquet)
    wrong("Sail", to_sail, delta)
    wrong("Spark", to_spark, parquet)
    absent = run("query", COUNT, "--dataset", delta, "--engine", to_spark, ECSTRAIL_SPARK_TOKEN=TOKEN)
    failed("Spark without Delta", absent, "cannot read Delta tables", "io.delta:delta-spark")
    unreachable(delta, spark_port, sail_port)
    # Sail goes on with a grouping that it has begun, whoever gave up on it.
    interrupted("Sail", to_sail, delta, [(ROWS, "")])
    interrupted("Spark", to_spark, parquet, [(ROWS, ""), (NO_ROWS, f";session_id={uuid.uuid4()}")])
    killed("Sail", to_sail, delta, sail, NO_ROWS)
    killed("Spark", to_spark, parquet, spark, ROWS, "after ")
with servers.sail(sail_program, folder) as (sail_port, sail):
    killed("Sail", f"sc://127.0.0.1:{sail_port}/;use_ssl=false", delta, sail, ROWS, "after ")

if problems:
    sys.exit("\n".join(problems))
print("what goes wrong is one line each")
