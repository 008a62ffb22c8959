"""Answers Athena's SQL as Athena does, with DuckDB.

usage: athena_in_duckdb.py DATASET

Reads a statement a line, as JSON, and writes its answer a line, with the rows as texts and the columns as
Athena describes them."""

import datetime
import decimal
import json
import math
import re
import sys

import duckdb
import sqlglot

[dataset] = sys.argv[1:]
TYPES = {
    "BOOLEAN": "boolean", "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint",
    "HUGEINT": "bigint", "FLOAT": "float", "DOUBLE": "double", "DATE": "date", "TIMESTAMP": "timestamp",
    "TIMESTAMP_MS": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp",
}
# Lists side by side, of which sqlglot knows no way to write them for DuckDB.
UNNEST = re.compile(r"UNNEST\(((?:[^()]|\([^()]*\))*)\) WITH ORDINALITY AS elements \(([^()]*)\)")
MARK = "lists_side_by_side_"

duck = duckdb.connect()
duck.execute("SET TimeZone = 'UTC'")
duck.execute("CREATE MACRO at_timezone(instant, zone) AS timezone(zone, instant)")
duck.execute(
    "CREATE VIEW events AS SELECT * FROM"
    f" read_parquet('{dataset}/events/**/*.parquet', hive_partitioning = true, union_by_name = true)"
)


def side_by_side(found):
    lists, names = found[1].split(", "), found[2].split(", ")
    longest = ", ".join(f"coalesce(len({one}), 0)" for one in lists)
    columns = [f"unnest({one}) AS {name}" for one, name in zip(lists, names)]
    columns.append(f"unnest(range(1, greatest({longest}) + 1)) AS {names[-1]}")
    return f"LATERAL (SELECT {', '.join(columns)}) AS elements"


def in_duckdb(sql):
    tables = []

    def marked(found):
        tables.append(side_by_side(found))
        return f"{MARK}{len(tables) - 1}"

    # Athena's own words are parsed before they are replaced.
    sqlglot.parse_one(sql, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    sql = UNNEST.sub(marked, sql)
    sql = sqlglot.transpile(sql, read="athena", write="duckdb", error_level=sqlglot.ErrorLevel.RAISE)[0]
    # The first day of a week is 1 in Athena, and the last 7.
    sql = sql.replace("EXTRACT(DAYOFWEEK FROM", "EXTRACT(ISODOW FROM")
    for number, table in enumerate(tables):
        sql = re.sub(rf"\b{MARK}{number}\b", lambda _: table, sql)
    return sql


def double(number):
    """As Java writes a double."""
    if math.isnan(number) or math.isinf(number):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        text = format(decimal.Decimal(repr(number)), "f")
        return text if "." in text else f"{text}.0"
    _, digits, exponent = decimal.Decimal(repr(number)).normalize().as_tuple()
    text = "".join(map(str, digits))
    sign = "-" if number < 0 else ""
    return f"{sign}{text[0]}.{text[1:] or '0'}E{exponent + len(digits) - 1}"


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double(value)
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
    if isinstance(value, (list, dict)):
        raise ValueError(f"a report has lists: {value}")
    return str(value)


def cell(value):
    return {} if value is None else {"VarCharValue": text(value)}


def answer(sql):
    try:
        found = duck.execute(in_duckdb(sql))
        names = [(one[0], TYPES.get(str(one[1]), "varchar")) for one in found.description]
        rows = [[name for name, _ in names], *found.fetchall()]
        columns = [{"Name": name, "Label": name, "Type": kind, "Precision": 0, "Scale": 0} for name, kind in names]
        return {"columns": columns, "rows": [{"Data": [cell(value) for value in row]} for row in rows]}
    except Exception as error:  # Whatever is wrong with a statement is told with it.
        return {"columns": [], "rows": [], "problems": [f"{str(error)[:800]}\n{sql}"]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
