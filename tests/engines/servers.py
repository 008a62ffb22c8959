"""Spark Connect servers on loopback, and what stands in for one: each ends with the block that it is
used in."""

import contextlib
import http.server
import os
import pathlib
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time

import pyspark

STARTUP = 90
# Small questions are answered before the best code for them would be compiled.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait(port, process, log):
    """Waits until something listens."""
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the server does not start: {log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def started(name, folder, command, port, environment):
    log = folder / f"{name}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder, env=environment
        )
    try:
        wait(port, process, log)
        yield process
    finally:
        # With its workers, which are in the same group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def spark(folder, token):
    """A Spark Connect server with two executors of their own processes, which asks for a token."""
    home, port = pathlib.Path(pyspark.__path__[0]), free_port()
    settings = {
        "spark.connect.authenticate.token": token,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.host": "127.0.0.1",
        "spark.executor.extraJavaOptions": JAVA,
        "spark.local.dir": folder,
        "spark.log.level": "ERROR",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.ui.enabled": "false",
    }
    command = [home / "bin/spark-submit", "--master", "local-cluster[2,1,1024]", "--driver-java-options", JAVA]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    try:
        with started("spark", folder, command, port, environment) as process:
            yield port, process
    finally:
        # Where such a cluster's workers work cannot be set.
        shutil.rmtree(home / "work", ignore_errors=True)


@contextlib.contextmanager
def sail(program, folder, **environment):
    port = free_port()
    command = [program, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    with started("sail", folder, command, port, {**os.environ, **environment}) as process:
        yield port, process


@contextlib.contextmanager
def s3(program, folder):
    """An S3 server."""
    port = free_port()
    with started("s3", folder, [program, "-H", "127.0.0.1", "-p", str(port)], port, os.environ):
        yield f"http://127.0.0.1:{port}"


class Silent(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def web():
    """A server that speaks HTTP, and no other protocol."""
    return serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent))


def certificates(folder):
    """Makes an issuer, and a certificate for this machine."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = ["-newkey", "rsa:2048", "-nodes"]
    openssl("req", "-x509", *new, "-keyout", "issuer.key", "-out", "issuer.pem", "-subj", "/CN=issuer")
    openssl("req", *new, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=localhost")
    (folder / "own.conf").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    openssl(
        "x509", "-req", "-in", "own.csr", "-CA", "issuer.pem", "-CAkey", "issuer.key", "-CAcreateserial",
        "-extfile", "own.conf", "-out", "own.pem",
    )
    return folder / "issuer.pem"


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that does not trust the certificate goes away."""


def exchange(client, server):
    """Hands on what either side says, until both are done."""
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=copy, args=(server, client), daemon=True)
    thread.start()
    copy(client, server)
    thread.join()


def encrypted(folder, target):
    """A server that speaks TLS, and hands on what it hears to one that does not."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "own.pem", folder / "own.key")
    context.set_alpn_protocols(["h2"])

    class Connection(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as client:
                with socket.create_connection(("127.0.0.1", target)) as server:
                    exchange(client, server)

    return serving(Server(("127.0.0.1", 0), Connection))


def proxy(user):
    """A proxy that asks for a user and password in base64, and the servers that it was asked for."""
    asked = []

    class Connection(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            if self.headers["Proxy-Authorization"] != f"Basic {user}":
                self.send_error(407)
                return
            asked.append(self.path)
            host, _, port = self.path.rpartition(":")
            with contextlib.suppress(OSError), socket.create_connection((host, int(port))) as server:
                self.send_response(200)
                self.end_headers()
                exchange(self.connection, server)

        def log_message(self, *_):
            pass

    return serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Connection)), asked
