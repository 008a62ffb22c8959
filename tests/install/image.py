"""Runs the program as its image does, where no container engine is to be had: in a root that has what the base
image has and what the Dockerfile copies, mounted read-only, as its user, with /scratch alone to write to.

usage: image.py PROGRAM

Has to be started by root. The trail is a folder of the root, and the dataset is in a bucket of moto's server."""

import os
import logging
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import boto3
from moto.server import ThreadedMotoServer

program = pathlib.Path(sys.argv[1]).resolve()
repository = pathlib.Path(__file__).resolve().parents[2]
dockerfile = (repository / "data-samples/aws/Dockerfile").read_text()
trail = repository / "data-samples/trail"
# What gcr.io/distroless/cc has: the C library, and that of GCC.
BASE = {"libc", "libm", "libgcc_s", "libdl", "libpthread", "librt", "ld-linux-x86-64", "ld-linux-aarch64", "linux-vdso"}
SECONDS = 60
logging.getLogger("werkzeug").setLevel(logging.ERROR)
HOME = "s3://datasets/prod"

user = re.search(r"^USER (\d+:\d+)$", dockerfile, re.M)[1]
entry = re.search(r'^ENTRYPOINT \["(.+)"\]$', dockerfile, re.M)[1]
variables = dict(pair.split("=") for pair in re.search(r"^ENV (.+)$", dockerfile, re.M)[1].split())


def made(root):
    """The files of the image."""
    linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for name, path in re.findall(r"^\s*(\S+?)\.so\S*(?: => (\S+))?", linked, re.M):
        assert pathlib.Path(name).name in BASE, f"the base image has no {name}"
    for path in re.findall(r"(/\S+)", linked):
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for folder in ("proc", "dev", "etc/ssl/certs", "trail"):
        (root / folder).mkdir(parents=True)
    certificates = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    if certificates.exists():
        shutil.copy(certificates, root / "etc/ssl/certs")
    (root / "scratch").mkdir()
    target = root / entry.lstrip("/")
    target.parent.mkdir(parents=True)
    shutil.copy(program, target)
    target.chmod(0o755)


class Image:
    def __init__(self, root, log_files, environment):
        self.root, self.environment = root, environment
        mounts = f"""
            mount --bind {root} {root}
            mount --bind {log_files} {root}/trail
            mount -t proc proc {root}/proc
            mount --rbind /dev {root}/dev
            mount -t tmpfs -o size=64m tmpfs {root}/scratch
            chown {user} {root}/scratch
            mount -o remount,bind,ro {root}/trail
            mount -o remount,bind,ro {root}
            exec chroot --userspec={user} {root} {entry} "$@"
        """
        self.command = ["unshare", "--mount", "sh", "-ec", mounts, "sh"]

    def begun(self, *words):
        return subprocess.Popen(
            [*self.command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment,
        )

    def run(self, *words, may=(0,)):
        run = self.begun(*words)
        out, error = run.communicate(timeout=SECONDS)
        assert run.returncode in may, f"{words}: {run.returncode}\n{error}"
        return out


def rows(image):
    return int(image.run("query", "SELECT count(*) AS rows FROM events", "--dataset", HOME, "--format", "csv").split()[1])


def followed(image, added):
    """Converts again and again, and ends as ECS asks it to."""
    before = rows(image)
    following = image.begun("convert", "/trail", "--event-source", "all", "--to", HOME, "--follow", "1s")
    assert following.stdout.readline(), following.communicate()
    added()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and rows(image) == before:
        time.sleep(0.2)
    after = rows(image)
    assert after > before, following.poll()
    # `unshare`, `sh` and `chroot` have become the program.
    following.send_signal(signal.SIGTERM)
    _, error = following.communicate(timeout=SECONDS)
    assert following.returncode == 0, (following.returncode, error)
    return before, after


with tempfile.TemporaryDirectory() as folder:
    root, log_files = pathlib.Path(folder, "root"), pathlib.Path(folder, "trail")
    made(root)
    for path in (root, log_files.parent):
        path.chmod(0o755)
    shutil.copytree(trail / "AWSLogs", log_files)
    [late] = sorted(log_files.rglob("*.json.gz"))[-1:]
    shutil.move(late, f"{folder}/late")
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    access = {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://{}:{}".format(*moto.get_host_and_port()),
    }
    os.environ.update(access)
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="datasets")
    image = Image(root, log_files, {**access, **variables, "PATH": os.environ["PATH"]})
    image.run("demo", "--to", "/scratch/demo")
    image.run("demo", "--to", "/demo", may=(1,))
    image.run("convert", "/trail", "--event-source", "all", "--to", HOME, may=(0, 3))
    before, after = followed(image, lambda: shutil.move(f"{folder}/late", late))
    moto.stop()
print(f"as user {user} on a read-only root: the demo, {before} rows converted, and {after - before} more by --follow")
