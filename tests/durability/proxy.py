"""A proxy that disturbs requests on their way to a server that speaks S3."""

import contextlib
import http.client
import http.server
import random
import re
import socket
import struct
import threading
import time
import urllib.parse

ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>disturbed on purpose</Message></Error>"


class Disturbance:
    """What happens to a share of the requests that match: `kind` is one of

    busy            503, the server sees nothing
    failed-after    500, the server has done it
    cut-before      the connection is reset, the server sees nothing
    cut-after       the connection is reset, the server has done it
    denied          403, the server sees nothing
    cut-body        the answer's body ends early
    slow            the request waits first
    """

    def __init__(self, kind, method=".*", path=".*", share=0.2, seconds=0.2, seed=7):
        self.kind, self.share, self.seconds = kind, share, seconds
        self.method, self.path = re.compile(method), re.compile(path)
        self.random, self.struck, self.lock = random.Random(seed), 0, threading.Lock()

    def strikes(self, method, path):
        with self.lock:
            if not (self.method.fullmatch(method) and self.path.search(path)):
                return False
            struck = self.random.random() < self.share
            self.struck += struck
            return struck


@contextlib.contextmanager
def proxy(endpoint, disturbance):
    """Yields the URL of a proxy before `endpoint`."""
    upstream = urllib.parse.urlsplit(endpoint).netloc

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def cut(self):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()

        def answer(self, status, headers, body, cut=False):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                    self.send_header(name, value)
            length = dict((name.lower(), value) for name, value in headers).get("content-length")
            self.send_header("Content-Length", length if self.command == "HEAD" else len(body))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.cut()

        def refuse(self, status, code):
            self.answer(status, [("Content-Type", "application/xml")], ERROR.format(code).encode())

        def handle_request(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = disturbance.kind if disturbance.strikes(self.command, self.path) else None
            if kind == "busy":
                return self.refuse(503, "SlowDown")
            if kind == "denied":
                return self.refuse(403, "AccessDenied")
            if kind == "cut-before":
                return self.cut()
            if kind == "slow":
                time.sleep(disturbance.seconds)
            server = http.client.HTTPConnection(upstream, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            server.request(self.command, self.path, body=body, headers=headers)
            response = server.getresponse()
            data = response.read()
            server.close()
            if kind == "failed-after":
                return self.refuse(500, "InternalError")
            if kind == "cut-after":
                return self.cut()
            self.answer(response.status, response.getheaders(), data, cut=kind == "cut-body" and data)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
