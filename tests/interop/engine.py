"""Reads the Delta table at HOME with one engine, each in a process of its own.

usage: engine.py ENGINE HOME OUT.arrow [CONDITION]

OUT.arrow is what it read: all columns of the rows that meet the condition."""

import glob
import importlib.util
import os
import sys

import pyarrow

engine, home, out = sys.argv[1:4]
condition = sys.argv[4] if len(sys.argv) > 4 else "1 = 1"


def deltalake():
    import deltalake
    from deltalake import QueryBuilder

    rows = QueryBuilder().register("events", deltalake.DeltaTable(home))
    return pyarrow.table(rows.execute(f"SELECT * FROM events WHERE {condition}").read_all())


def polars():
    import polars

    context = polars.SQLContext(events=polars.scan_delta(home))
    return context.execute(f"SELECT * FROM events WHERE {condition}").collect().to_arrow()


def duckdb():
    import duckdb

    folder = importlib.util.find_spec("duckdb_extension_delta").submodule_search_locations[0]
    [extension] = glob.glob(f"{folder}/extensions/**/*.duckdb_extension", recursive=True)
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'; SET TimeZone = 'UTC'")
    return connection.sql(f"SELECT * FROM delta_scan('{home}') WHERE {condition}").to_arrow_table()


def daft():
    import daft

    return daft.sql(f"SELECT * FROM events WHERE {condition}", events=daft.read_deltalake(home)).to_arrow()


def chdb():
    import chdb

    # It reads files below the folder that it runs in only.
    os.chdir(os.path.dirname(home))
    rows = chdb.query(f"SELECT * FROM deltaLakeLocal('{home}') WHERE {condition}", "Arrow")
    return pyarrow.ipc.open_file(rows.bytes()).read_all()


def sail():
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://localhost:{server.listening_address[1]}").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.read.format("delta").load(home).createOrReplaceTempView("events")
    return spark.sql(f"SELECT * FROM events WHERE {condition}").toArrow()


table = globals()[engine]()
with pyarrow.OSFile(out, "wb") as file, pyarrow.ipc.new_file(file, table.schema) as writer:
    writer.write_table(table)
# Servers that an engine has started do not always let the process end.
sys.stdout.flush()
os._exit(0)
