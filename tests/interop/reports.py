"""Every report gives the same rows here, in DuckDB, as a macro of DuckDB whatever the session's time
zone, and in Spark, value by value, for every scenario, and so does a table of small expressions; what
Athena and Trino are given parses as their SQL.

reports.py ECSTRAIL DATASET SCENARIOS EXPRESSIONS"""

import datetime
import decimal
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import duckdb
import sqlglot
from pyspark.sql import SparkSession

program, dataset, scenarios, expressions = sys.argv[1:]


def ecstrail(*arguments):
    run = subprocess.run([program, *arguments], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"ecstrail {' '.join(arguments)}: {run.stderr}")
    return run.stdout


def plain(value):
    """A value as JSON has it, so that engines' own types do not matter."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        value = value.astimezone(datetime.timezone.utc)
        fraction = f".{value.microsecond // 1000:03}" if value.microsecond else ""
        return f"{value:%Y-%m-%dT%H:%M:%S}{fraction}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, float)):
        return int(value) if value == int(value) else round(float(value), 6)
    return value


def statements(engine):
    text = ecstrail("describe", "views", "--engine", engine)
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [one.strip() for one in "\n".join(lines).split(";") if one.strip()]


duck = duckdb.connect()
duck.execute(
    f"CREATE VIEW events AS SELECT * FROM read_parquet('{dataset}/events/**/*.parquet', hive_partitioning = true)"
)
for statement in statements("duckdb"):
    duck.execute(statement)

spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.log.level", "OFF")
    .config("spark.driver.memory", "4g")
    .config("spark.ui.showConsoleProgress", "false")
    # Compiling Java for each of these small questions takes longer than answering them.
    .config("spark.sql.codegen.wholeStage", "false")
    .getOrCreate()
)
spark.read.parquet(f"{dataset}/events").createOrReplaceTempView("events")
for statement in statements("spark"):
    spark.sql(statement)


macros = duckdb.connect()
macros.execute(ecstrail("describe", "table", "--engine", "duckdb", "--reports", "--dataset", dataset))
# A file has no time zone: whoever opens it may be anywhere.
macros.execute("SET GLOBAL TimeZone = 'America/New_York'")


def quoted(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def in_macros(name, arguments):
    given = ", ".join(f"p_{key} := {quoted(value)}" for key, value in arguments.items())
    rows = macros.cursor().sql(f"FROM {name.replace('-', '_')}({given})").fetchall()
    return [[plain(value) for value in row] for row in rows]


def in_duckdb(sql, arguments):
    return [[plain(value) for value in row] for row in duck.cursor().execute(sql, arguments).fetchall()]


def in_spark(sql, arguments):
    return [[plain(value) for value in row] for row in spark.sql(sql, args=arguments).collect()]


def text(name, engine, *more):
    return ecstrail("report", name, "--sql", engine, *more)


def answer(name, *more):
    """The names of the columns, and the rows."""
    rows = json.loads(ecstrail("report", name, "--dataset", dataset, "--format", "json", *more))
    return list(rows[0]) if rows else [], [[plain(value) for value in row.values()] for row in rows]


problems = []
compared = []

# Parameters of every type, and texts that would end a literal, or be read as something else in one.
VALUES = (("day", "date"), ("text", "text"), ("count", "integer"), ("share", "number"), ("flag", "boolean"))
HOSTILE = (
    "it's", "''", "\\", "\\'", r"a\nb", r"\u0041", r"\%", r"\101", "${spark.app.name}", "日本 é 🤖", "a\nb\tc",
    '"', "`", "-- x", "/* x", ";", "?", ":text", "$text", "{text}",
)


ENGINES = {"duckdb": in_duckdb, "spark": in_spark, "macros": in_macros}


def compare(about, columns, expected, texts, arguments):
    """Asks the other engines the same, and notes the first value of each column that differs."""
    for engine, asked in texts.items():
        if engine not in ENGINES:
            continue
        try:
            found = ENGINES[engine](asked, arguments)
        except Exception as error:  # Whatever an engine has against a report is told, with the report's name.
            problems.append(f"{about} in {engine}: {str(error)[:600]}")
            continue
        compared.append(engine)
        # As JSON, in which true is not 1.
        if json.dumps(found) == json.dumps(expected):
            continue
        shapes = [(len(rows), len(rows[0]) if rows else 0) for rows in (expected, found)]
        if shapes[0] != shapes[1]:
            problems.append(f"{about} in {engine}: (rows, columns) are {shapes[0]} here, {shapes[1]} there")
            continue
        told = set()
        for here, there in zip(expected, found):
            for column, one, other in zip(columns, here, there):
                if json.dumps(one) != json.dumps(other) and column not in told:
                    told.add(column)
                    problems.append(f"{about} in {engine}: {column} is {one!r} here, {other!r} there; row {here[:2]}")


reports = {report["name"]: report for report in json.loads(ecstrail("describe", "reports", "--format", "json"))}
texts = {}

with open(scenarios, encoding="utf-8") as lines:
    runs = [json.loads(line) for line in lines]
problems += [f"{name}: no scenario" for name in sorted(set(reports) - {run["report"] for run in runs})]


def asked(name):
    """Asks for a report in each scenario that it has."""
    texts[name] = {engine: text(name, engine) for engine in ("duckdb", "spark", "athena")}
    given_once = {json.dumps(run.get("set", {}), sort_keys=True): run.get("set", {}) for run in runs if run["report"] == name}
    is_written = False
    for given in given_once.values():
        asked_with(name, given, given and not is_written)
        is_written |= bool(given)
    return len(given_once)


def asked_with(name, given, is_written_too):
    settings = [word for pair in given.items() for word in ("--set", "=".join(pair))]
    columns, expected = answer(name, *settings)
    arguments = {one["name"]: given.get(one["name"], one["default"]) for one in reports[name]["parameters"]}
    compare(f"{name} {given}", columns, expected, {**texts[name], "macros": name}, arguments)
    if is_written_too:
        literal = {engine: text(name, engine, *settings) for engine in ("duckdb", "spark")}
        compare(f"{name} {given}, written into the SQL", columns, expected, literal, {})


# While one waits for an engine, the other has the program say what it says.
with ThreadPoolExecutor(2) as pool:
    seen = sum(pool.map(asked, sorted(reports)))

with tempfile.TemporaryDirectory() as folder:
    header = "".join(f"-- param {name} {kind}: x\n" for name, kind in VALUES)
    columns = ", ".join(f"${name} AS {name}" for name, _ in VALUES)
    pathlib.Path(folder, "values.sql").write_text(f"-- title: Values\n{header}SELECT {columns}\n", encoding="utf-8")
    for hostile in HOSTILE:
        given = ["--queries", folder, "--day", "2026-04-27", "--count=-7", "--share", "0.1", "--flag"]
        given += ["--set", f"text={hostile}"]
        columns, expected = answer("values", *given)
        literal = {engine: text("values", engine, *given) for engine in ("duckdb", "spark")}
        compare(f"the value {hostile!r}", columns, expected, literal, {})

count = 0
for file in sorted(pathlib.Path(expressions).glob("*.sql")):
    own = ("--queries", expressions)
    texts[file.stem] = {engine: text(file.stem, engine, *own) for engine in ("duckdb", "spark", "athena")}
    columns, expected = answer(file.stem, *own)
    if not expected:
        problems.append(f"{file.name}: no rows")
    count += len(columns)
    compare(file.name, columns, expected, texts[file.stem], {})

if not count:
    problems.append(f"no expressions in {expressions}")

for name, translated in texts.items():
    try:
        sqlglot.parse_one(translated["athena"], read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        problems.append(f"{name} in athena: {str(error)[:300]}")
for statement in statements("athena"):
    sqlglot.parse_one(statement, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
for engine in ("athena", "trino"):
    prepared = ecstrail(
        "describe", "table", "--engine", engine, "--reports", "--dataset", dataset, "--location", "s3://bucket/prefix"
    )
    bodies = re.findall(r"^PREPARE \w+ FROM\n(.*?);$", prepared, re.DOTALL | re.MULTILINE)
    using = re.findall(r"^-- EXECUTE \w+(?: USING (.*))?$", prepared, re.MULTILINE)
    assert len(bodies) == len(using) == len(reports), (len(bodies), len(using))
    for body, parameters in zip(bodies, using):
        tree = sqlglot.parse_one(body, read=engine, error_level=sqlglot.ErrorLevel.RAISE)
        count = len(parameters.split(", ")) if parameters else 0
        assert len(list(tree.find_all(sqlglot.exp.Placeholder))) == count, body

print(
    f"{len(reports)} reports, {seen} runs of them, and {count} small expressions:"
    f" {len(compared)} answers compared with other engines"
)
if problems:
    sys.exit("\n".join(problems))
