"""Reads a dataset with one engine, each in a process of its own.

usage: engine.py ENGINE HOME OUT

HOME is a folder or s3://BUCKET/PREFIX, whose server the environment names. OUT-CONDITION.arrow is what
the engine read: all columns of the rows that meet each condition. An engine reads the Delta table, or
if its name ends in -folder the Parquet files; spark does what `describe table` says."""

import datetime
import glob
import importlib.util
import os
import subprocess
import sys
import tempfile

import pyarrow

CONDITIONS = {
    "all": "1 = 1",
    "region": "region = 'us-east-1'",
    "time": "event_time >= TIMESTAMP '2026-04-28 00:00:00+00:00'",
    "name": "event_name = 'UpdateService'",
}
MIDNIGHT = datetime.datetime(2026, 4, 28, tzinfo=datetime.timezone.utc)
ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
KEYS = (os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", ""))


def asked(run, **other):
    """What a function of SQL's conditions gives; some engines write instants otherwise."""
    return {name: run({**CONDITIONS, **other}[name]) for name in CONDITIONS}


def files(home):
    return f"{home}/events/**/*.parquet"


def is_remote(home):
    return home.startswith("s3://")


def deltalake(home):
    import deltalake
    from deltalake import QueryBuilder

    rows = QueryBuilder().register("events", deltalake.DeltaTable(home))
    return asked(lambda condition: pyarrow.table(rows.execute(f"SELECT * FROM events WHERE {condition}").read_all()))


def in_polars(scan):
    import polars

    context = polars.SQLContext(events=scan)
    return asked(
        lambda condition: context.execute(f"SELECT * FROM events WHERE {condition}").collect().to_arrow(),
        time="event_time >= '2026-04-28T00:00:00Z'::timestamptz",
    )


def polars(home):
    import polars

    return in_polars(polars.scan_delta(home))


def polars_folder(home, path="events/"):
    import polars

    kinds = {"date": polars.Date, "region": polars.String}
    return in_polars(polars.scan_parquet(f"{home}/{path}", hive_partitioning=True, hive_schema=kinds, missing_columns="insert"))


def polars_glob_folder(home):
    return polars_folder(home, "events/**/*.parquet")


def in_duckdb(home, table, *extensions):
    import duckdb

    connection = duckdb.connect()
    for extension in extensions:
        folder = importlib.util.find_spec(f"duckdb_extension_{extension}").submodule_search_locations[0]
        [file] = glob.glob(f"{folder}/extensions/**/*.duckdb_extension", recursive=True)
        connection.execute(f"LOAD '{file}'")
    if is_remote(home):
        key, secret = KEYS
        host = ENDPOINT.removeprefix("http://")
        connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{key}', SECRET '{secret}', ENDPOINT '{host}', URL_STYLE 'path',"
            " USE_SSL false, REGION 'us-east-1')"
        )
    connection.execute("SET TimeZone = 'UTC'")
    return asked(lambda condition: connection.sql(f"SELECT * FROM {table} WHERE {condition}").to_arrow_table())


def duckdb(home):
    return in_duckdb(home, f"delta_scan('{home}')", "delta", *(["httpfs"] if is_remote(home) else []))


def duckdb_folder(home):
    table = f"read_parquet('{files(home)}', hive_partitioning = true, union_by_name = true)"
    return in_duckdb(home, table, *(["httpfs"] if is_remote(home) else []))


def daft_options():
    import daft

    key, secret = KEYS
    s3 = daft.io.S3Config(
        endpoint_url=ENDPOINT, key_id=key, access_key=secret, region_name="us-east-1", use_ssl=False
    )
    return daft.io.IOConfig(s3=s3) if ENDPOINT else None


def daft(home):
    import daft

    events = daft.read_deltalake(home, io_config=daft_options())
    return asked(lambda condition: daft.sql(f"SELECT * FROM events WHERE {condition}", events=events).to_arrow())


def daft_folder(home):
    import daft

    events = daft.read_parquet(files(home), hive_partitioning=True, io_config=daft_options())
    return asked(lambda condition: daft.sql(f"SELECT * FROM events WHERE {condition}", events=events).to_arrow())


def in_chdb(home, table):
    import chdb

    if not is_remote(home):
        # It reads files below the folder that it runs in only.
        os.chdir(os.path.dirname(home))

    def run(condition):
        rows = chdb.query(f"SELECT * FROM {table} WHERE {condition} SETTINGS use_hive_partitioning = 1", "Arrow")
        return pyarrow.ipc.open_file(rows.bytes()).read_all()

    return asked(run, time="event_time >= toDateTime64('2026-04-28 00:00:00', 6, 'UTC')")


def chdb(home):
    if is_remote(home):
        key, secret = KEYS
        return in_chdb(home, f"deltaLake('{ENDPOINT}/{home.removeprefix('s3://')}/', '{key}', '{secret}')")
    return in_chdb(home, f"deltaLakeLocal('{home}')")


def chdb_folder(home):
    if is_remote(home):
        key, secret = KEYS
        return in_chdb(home, f"s3('{ENDPOINT}/{files(home).removeprefix('s3://')}', '{key}', '{secret}', Parquet)")
    return in_chdb(home, f"file('{files(home)}', Parquet)")


def in_sail(load):
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://localhost:{server.listening_address[1]}").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    load(spark).createOrReplaceTempView("events")
    return asked(lambda condition: spark.sql(f"SELECT * FROM events WHERE {condition}").toArrow())


def sail(home):
    return in_sail(lambda spark: spark.read.format("delta").load(home))


def sail_folder(home):
    return in_sail(lambda spark: spark.read.parquet(f"{home}/events"))


def system_of(home):
    """The file system of pyarrow, and the path in it."""
    import pyarrow.fs

    if not is_remote(home):
        return None, f"{home}/events"
    key, secret = KEYS
    system = pyarrow.fs.S3FileSystem(access_key=key, secret_key=secret, endpoint_override=ENDPOINT, region="us-east-1")
    return system, f"{home}/events".removeprefix("s3://")


def expressions():
    from pyarrow.dataset import field

    yield "all", None
    yield "region", field("region") == "us-east-1"
    yield "time", field("event_time") >= pyarrow.scalar(MIDNIGHT, pyarrow.timestamp("us", "UTC"))
    yield "name", field("event_name") == "UpdateService"


def pyarrow_folder(home):
    from pyarrow import dataset

    kinds = pyarrow.schema([("date", pyarrow.date32()), ("region", pyarrow.string())])
    system, path = system_of(home)
    events = dataset.dataset(path, filesystem=system, partitioning=dataset.partitioning(kinds, flavor="hive"))
    return {name: events.to_table(filter=condition) for name, condition in expressions()}


def pandas_folder(home):
    import pandas

    system, path = system_of(home)

    def run(condition):
        frame = pandas.read_parquet(path, filesystem=system, filters=condition, dtype_backend="pyarrow")
        return pyarrow.Table.from_pandas(frame, preserve_index=False)

    return {name: run(condition) for name, condition in expressions()}


def datafusion_folder(home):
    import datafusion
    from datafusion.object_store import AmazonS3

    context = datafusion.SessionContext()
    if is_remote(home):
        bucket = home.removeprefix("s3://").split("/")[0]
        key, secret = KEYS
        store = AmazonS3(
            bucket_name=bucket, endpoint=ENDPOINT, access_key_id=key, secret_access_key=secret, region="us-east-1",
            allow_http=True,
        )
        context.register_object_store("s3://", store, bucket)
    kinds = [("date", pyarrow.date32()), ("region", pyarrow.string())]
    context.register_parquet("events", f"{home}/events/", table_partition_cols=kinds)
    return asked(lambda condition: context.sql(f"SELECT * FROM events WHERE {condition}").to_arrow_table())


def spark_folder(home):
    from pyspark.sql import SparkSession

    text = subprocess.run(
        [os.environ["ECSTRAIL"], "describe", "table", "--engine", "spark", "--dataset", home],
        check=True, capture_output=True, text=True,
    ).stdout
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("--")).replace("; SET ", ";\nSET ")
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    spark = (
        SparkSession.builder.master("local[1]").config("spark.sql.warehouse.dir", folder)
        .config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    for statement in lines.split(";\n"):
        if statement.strip():
            spark.sql(statement.strip().rstrip(";"))
    return asked(lambda condition: spark.sql(f"SELECT * FROM events WHERE {condition}").toArrow())


def main():
    engine, home, out = sys.argv[1:]
    for name, table in globals()[engine.replace("-", "_")](home).items():
        with pyarrow.OSFile(f"{out}-{name}.arrow", "wb") as file, pyarrow.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    # Servers that an engine has started do not always let the process end.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
