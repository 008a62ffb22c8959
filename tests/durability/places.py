"""Places for datasets: folders of the local disk, prefixes of a bucket."""

import os
import pathlib
import shutil
import tempfile


class Disk:
    """Datasets in a temporary folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ecstrail-durability-"))
        self.number = 0
        self.options = []

    def new_home(self):
        """Returns the name of a dataset that does not exist yet."""
        shutil.rmtree(self.folder / str(self.number), ignore_errors=True)
        self.number += 1
        return str(self.folder / str(self.number))

    def names(self, home, folder):
        """Lists the files below a folder of a dataset, by their paths below its home."""
        found = [path for path in pathlib.Path(home, folder).rglob("*") if not path.is_dir()]
        return sorted(str(path.relative_to(home)) for path in found)

    def read(self, home, name):
        """Returns the bytes of a file, None if it is gone."""
        try:
            return pathlib.Path(home, name).read_bytes()
        except FileNotFoundError:
            return None

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Bucket:
    """Datasets in a bucket of a server that speaks S3."""

    def __init__(self, endpoint, bucket="durability"):
        import boto3
        import botocore.config

        config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 10})
        self.client = boto3.client("s3", endpoint_url=endpoint, config=config)
        self.bucket, self.number, self.run = bucket, 0, os.getpid()
        self.options = ["--endpoint", endpoint]
        try:
            self.client.create_bucket(Bucket=bucket)
        except (
            self.client.exceptions.BucketAlreadyExists,
            self.client.exceptions.BucketAlreadyOwnedByYou,
        ):
            pass

    def new_home(self):
        self.number += 1
        return f"s3://{self.bucket}/{self.run}/{self.number}"

    def names(self, home, folder):
        prefix = home.removeprefix(f"s3://{self.bucket}/") + "/"
        pages = self.client.get_paginator("list_objects_v2")
        pages = pages.paginate(Bucket=self.bucket, Prefix=prefix + folder)
        return sorted(
            found["Key"].removeprefix(prefix) for page in pages for found in page.get("Contents", [])
        )

    def read(self, home, name):
        key = home.removeprefix(f"s3://{self.bucket}/") + "/" + name
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None

    def uploads(self, home):
        """Returns how many uploads are begun and neither completed nor aborted."""
        prefix = home.removeprefix(f"s3://{self.bucket}/")
        found = self.client.list_multipart_uploads(Bucket=self.bucket)
        return sum(upload["Key"].startswith(prefix) for upload in found.get("Uploads", []))

    def close(self):
        pass
