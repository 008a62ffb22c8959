"""Runs queries written for AWS's CloudTrail table on the view cloudtrail_logs, in Spark, and holds the
view's rows against the records themselves.

usage: cloudtrail.py PROGRAM TRAIL FOLDER

The queries are those of AWS's documentation, playbooks and samples, in cloudtrail/*.sql; those in
athena-only.sql call functions of Athena, which sqlglot translates. Each must give the same rows on the view as on a table made from the exported records as the documentation describes
it. FOLDER is for the dataset."""

import collections
import decimal
import json
import pathlib
import re
import subprocess
import sys

import duckdb
import sqlglot
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

program, trail, folder = sys.argv[1:]
queries = pathlib.Path(__file__).with_name("cloudtrail")
home = f"{folder}/cloudtrail"

# https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html, with the columns by which
# its variants are partitioned.
COLUMNS = """
eventversion STRING,
useridentity STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, invokedby: STRING,
  accesskeyid: STRING, username: STRING, onbehalfof: STRUCT<userid: STRING, identitystorearn: STRING>,
  sessioncontext: STRUCT<attributes: STRUCT<mfaauthenticated: STRING, creationdate: STRING>,
    sessionissuer: STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>,
    ec2roledelivery: STRING,
    webidfederationdata: STRUCT<federatedprovider: STRING, attributes: MAP<STRING, STRING>>>>,
eventtime STRING, eventsource STRING, eventname STRING, awsregion STRING, sourceipaddress STRING,
useragent STRING, errorcode STRING, errormessage STRING, requestparameters STRING, responseelements STRING,
additionaleventdata STRING, requestid STRING, eventid STRING,
resources ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>,
eventtype STRING, apiversion STRING, readonly STRING, recipientaccountid STRING, serviceeventdetails STRING,
sharedeventid STRING, vpcendpointid STRING, vpcendpointaccountid STRING, eventcategory STRING,
addendum STRUCT<reason: STRING, updatedfields: STRING, originalrequestid: STRING, originaleventid: STRING>,
sessioncredentialfromconsole STRING, edgedevicedetails STRING,
tlsdetails STRUCT<tlsversion: STRING, ciphersuite: STRING, clientprovidedhostheader: STRING>,
account STRING, region STRING, year STRING, month STRING, day STRING, `timestamp` STRING, `date` DATE
"""
# No documented query names these partitions of the sample trail.
PARTITIONS = [
    "SELECT count(*) FROM cloudtrail_logs WHERE region = 'eu-west-1' AND year = '2026' AND month = '04' AND day = '27'",
    "SELECT count(*) FROM cloudtrail_logs WHERE `timestamp` >= '2026/04/27' AND `timestamp` < '2026/04/28'",
    "SELECT account, count(*) FROM cloudtrail_logs GROUP BY account ORDER BY account",
]


def ecstrail(*words):
    run = subprocess.run([program, *words], capture_output=True, text=True)
    assert run.returncode == 0, f"{words}: {run.stderr}"
    return run.stdout


def statements(text):
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    text = "\n".join(lines).replace("; SET ", ";\nSET ")
    return [one.strip().rstrip(";") for one in text.split(";\n") if one.strip().rstrip(";")]


def shaped(value, kind):
    """A value of a record as a column of this type has it."""
    if value is None:
        return None
    name = kind.typeName()
    if name == "struct":
        members = {key.lower(): member for key, member in value.items()}
        found = {field.name: shaped(members.get(field.name), field.dataType) for field in kind.fields}
        # An object with nothing that the table knows is not told from none.
        return found if any(member is not None for member in found.values()) else None
    if name == "array":
        return [shaped(one, kind.elementType) for one in value]
    if name == "map":
        return dict(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def row(record, schema):
    members = {key.lower(): value for key, value in record.items()}
    day = record["eventTime"][:10]
    members |= {
        "account": record["recipientAccountId"], "region": record["awsRegion"], "timestamp": day.replace("-", "/"),
        **dict(zip(("year", "month", "day"), day.split("-"))),
    }
    return {
        field.name: None if field.name == "date" else shaped(members.get(field.name), field.dataType)
        for field in schema.fields
    }


def plain(value):
    """A value as JSON has it, with JSON in texts read: one engine writes it otherwise than the other."""
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)


def counted(rows):
    return collections.Counter(json.dumps(plain(one), sort_keys=True) for one in rows)


ecstrail("convert", trail, "--event-source", "all", "--to", home)
records = [json.loads(line) for line in ecstrail("export", "--dataset", home).splitlines()]

spark = (
    SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    .config("spark.sql.warehouse.dir", f"{folder}/warehouse").config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "2")
    .config("spark.sql.codegen.wholeStage", "false")
    .config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "OFF").getOrCreate()
)
spark.read.parquet(f"{home}/events").createOrReplaceTempView("events")
[create] = [
    one for one in statements(ecstrail("describe", "table", "--engine", "spark", "--dataset", home))
    if "VIEW cloudtrail_logs" in one
]
spark.sql(create)
schema = StructType.fromDDL(COLUMNS)
expected = [row(record, schema) for record in records]
table = spark.createDataFrame(expected, schema).cache()
table.createOrReplaceTempView("documented")

# The view has the documented columns, in their order and of their types, and their values.
view = spark.table("cloudtrail_logs")
described = [(field.name, field.dataType.simpleString()) for field in schema.fields]
assert [(field.name, field.dataType.simpleString()) for field in view.schema.fields] == described, view.schema
names = [field.name for field in schema.fields if field.name != "date"]
wanted = counted([one[name] for name in names] for one in expected)
duck = duckdb.connect()
duck.execute(ecstrail("describe", "table", "--engine", "duckdb", "--dataset", home))
duck.execute("SET TimeZone = 'America/New_York'")
listed = ", ".join(f'"{name}"' for name in names)
in_duckdb = duck.sql(f"SELECT {listed} FROM cloudtrail_logs").fetchall()
for engine, rows in {"spark": view.select(names).collect(), "duckdb": in_duckdb}.items():
    found = counted(map(list, rows))
    assert found == wanted, (engine, list((found - wanted).items())[:2], list((wanted - found).items())[:2])
print(f"cloudtrail_logs: {len(expected)} records by AWS's names in spark, duckdb")

ran = collections.Counter()
for file in sorted(queries.glob("*.sql")):
    for query in statements(file.read_text(encoding="utf-8")):
        if file.stem == "athena-only":
            [query] = sqlglot.transpile(query, read="athena", write="spark")
        first = spark.sql(query).collect()
        # Which rows come first among equals is not said.
        whole = re.sub(r"\bLIMIT \d+$", "", query)
        found = spark.sql(whole).collect()
        same = spark.sql(re.sub(r"\bcloudtrail_logs\b", "documented", whole)).collect()
        assert counted(map(list, found)) == counted(map(list, same)), (file.name, query, found[:2], same[:2])
        assert bool(first) == bool(found), (file.name, query)
        ran[file.stem] += 1
        ran["with rows"] += bool(found)
for query in PARTITIONS:
    found, same = (spark.sql(query.replace("cloudtrail_logs", name)).collect() for name in ("cloudtrail_logs", "documented"))
    assert found == same and found[0][-1] > 1, (query, found, same)
print(f"queries written for AWS's table: {dict(ran)}")
