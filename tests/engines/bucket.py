"""A bucket on an S3 server on loopback, and the program with access to it."""

import contextlib
import os
import subprocess
import urllib.request
import xml.etree.ElementTree

import servers

S3 = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "ECSTRAIL_CONFIG": ""}
HOME = "s3://bucket/dataset"
# The server asks for the name of a key, and does not verify signatures.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260427/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}


class Bucket:
    def __init__(self, program, url):
        self.program = program
        self.url = url
        self.environment = {**os.environ, **S3, "AWS_ENDPOINT_URL": url}
        urllib.request.urlopen(urllib.request.Request(f"{url}/bucket", headers=SIGNED, method="PUT")).close()

    def begin(self, *words):
        words = [self.program, *map(str, words)]
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
        """All keys below a prefix."""
        names, token = [], ""
        while True:
            more = f"&continuation-token={urllib.request.quote(token)}" if token else ""
            page = xml.etree.ElementTree.fromstring(self.get(f"?list-type=2&prefix={prefix}{more}"))
            space = page.tag.partition("}")[0] + "}"
            names += [key.text for key in page.iter(f"{space}Key")]
            token = page.findtext(f"{space}NextContinuationToken") or ""
            if not token:
                return names


@contextlib.contextmanager
def with_sail(program, sail, moto_server, folder):
    """The bucket, and the port of a Sail server that reads it."""
    with servers.s3(moto_server, folder) as url:
        # Sail wants to be told that the server does not speak TLS.
        with servers.sail(sail, folder, **S3, AWS_ENDPOINT_URL=url, AWS_ALLOW_HTTP="true") as (port, _):
            yield Bucket(program, url), port
