"""Does what `ecstrail describe table` says, in the engines that can be had, and counts the rows.

usage: tables.py PROGRAM HOME...

HOME are datasets of the same rows, of which some may have a Delta log. DuckDB, ClickHouse (chDB),
polars, pandas and Spark run the text as it is. What Athena and Trino are told is parsed. The rows as
JSON meet the JSON Schema of the columns."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import chdb
import duckdb
import jsonschema
import sqlglot
from pyspark.sql import SparkSession

program, *homes = sys.argv[1:]
COUNTS = "SELECT count(*), count(cluster_name), count(DISTINCT region), max(date) FROM events"


def ecstrail(*words, may=(0,)):
    run = subprocess.run([program, *words], capture_output=True, text=True)
    assert run.returncode in may, f"{words}: {run.stderr}"
    return run.stdout


def statements(text):
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    text = "\n".join(lines).replace("; SET ", ";\nSET ")
    return [one.strip() for one in text.split(";\n") if one.strip().rstrip(";")]


def asked(home, engine):
    return ecstrail("describe", "table", "--engine", engine, "--dataset", home)


def in_duckdb(home):
    connection = duckdb.connect()
    connection.execute(asked(home, "duckdb"))
    assert connection.sql("SELECT count(*) FROM containers").fetchall()[0][0] > 0
    return connection.sql(COUNTS).fetchall()[0]


def in_connected_file(home):
    with tempfile.TemporaryDirectory() as folder:
        path = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
        file = f"{folder}/ecs.duckdb"
        command = [program, "connect", "--engine", "duckdb", "--output", file, "--dataset", home]
        subprocess.run(command, check=True, capture_output=True, env=path)
        with duckdb.connect(file, read_only=True) as connection:
            macros = "SELECT count(*) FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal"
            reports = json.loads(ecstrail("describe", "reports", "--format", "json"))
            assert connection.sql(macros).fetchall() == [(len(reports),)]
            assert connection.sql("FROM deployments()").fetchall()
            assert connection.sql("SELECT count(useridentity.arn) FROM cloudtrail_logs").fetchall()[0][0] > 0
            return connection.sql(COUNTS).fetchall()[0]


def in_clickhouse(home):
    # It reads files below the folder that it runs in only.
    folder = os.getcwd()
    os.chdir(home)
    try:
        with tempfile.TemporaryDirectory() as state:
            connection = chdb.connect(f"{state}/chdb")
            connection.query(asked(home, "clickhouse").split("\n", 1)[1])
            return tuple(map(str, connection.query(COUNTS, "TSV").bytes().decode().split()))
    finally:
        os.chdir(folder)


def in_polars(home):
    import polars

    names = {}
    exec(asked(home, "polars"), names)
    return polars.SQLContext(events=names["events"]).execute(COUNTS).collect().row(0)


def in_pandas(home):
    names = {}
    exec(asked(home, "pandas"), names)
    dates = names["events"].to_table(columns=["date"]).column("date").to_pylist()
    frame = names["frame"]
    return len(frame), int(frame.cluster_name.count()), frame.region.nunique(), max(dates)


def in_spark(home):
    with tempfile.TemporaryDirectory() as folder:
        spark = (
            SparkSession.builder.master("local[1]").config("spark.sql.warehouse.dir", folder)
            .config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
        )
        spark.sparkContext.setLogLevel("OFF")
        for statement in statements(asked(home, "spark")):
            spark.sql(statement.rstrip(";"))
        row = spark.sql(COUNTS).collect()[0]
        comments = [column.description for column in spark.catalog.listColumns("events")]
        assert all(comments), "columns without a comment"
        spark.stop()
        return tuple(row)


def parsed(engine, home):
    """Parses what an engine is told that cannot be had; no statement may be one that is not known."""
    words = ("describe", "table", "--engine", engine, "--dataset", home, "--location", "s3://bucket/prefix")
    for statement in statements(ecstrail(*words)):
        [tree] = sqlglot.parse(statement.rstrip(";"), dialect=engine)
        is_call = statement.startswith("CALL")
        assert isinstance(tree, sqlglot.exp.Command) == is_call, statement[:200]


def shown(row):
    return tuple(map(str, row))


schema = json.loads(ecstrail("describe", "columns", "--format", "json-schema"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
rows = ecstrail("query", "SELECT * FROM events", "--dataset", homes[0], "--format", "jsonl").splitlines()
for row in rows:
    validator.validate(json.loads(row))
print(f"{len(rows)} rows meet the JSON Schema")

for home in map(os.path.realpath, homes):
    has_delta_log = os.path.exists(f"{home}/_delta_log")
    expected = shown(ecstrail("query", COUNTS, "--dataset", home, "--format", "tsv").splitlines()[1].split("\t"))
    engines = {"clickhouse": in_clickhouse, "polars": in_polars, "pandas": in_pandas}
    if not has_delta_log:
        # These have no extension for Delta tables among Python packages.
        engines |= {"duckdb": in_duckdb, "a file of connect": in_connected_file, "spark": in_spark}
    for engine, count in engines.items():
        found = shown(count(home))
        assert found == expected, (engine, home, found, expected)
    kind = "a Delta table" if has_delta_log else "a folder"
    for engine in ("athena", "trino"):
        parsed(engine, home)
    print(f"{kind}: {expected[0]} rows by the text for {', '.join(engines)}")
