"""The S3 endpoint that ecstrail is given: serves the trail, hands all else on, and counts the requests.

LIST requests of the trail can take a while, as those of S3 do.
"""

import asyncio
import collections
import random
import threading
import urllib.parse

ANSWER = "HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n"
OF_OBJECT = "Last-Modified: {:%a, %d %b %Y %H:%M:%S GMT}\r\nETag: {}\r\n"
HEAD_BYTES = 1 << 20


class Server:
    """Listens on loopback, in a thread of its own."""

    def __init__(self, bucket, port, latency=0.0):
        self.bucket, self.port, self.latency = bucket, port, latency
        self.counts, self.lock = collections.Counter(), threading.Lock()
        started, self.loop = threading.Event(), asyncio.new_event_loop()
        threading.Thread(target=self.run, args=[started], daemon=True).start()
        started.wait()

    def run(self, started):
        listening = asyncio.start_server(self.serve, "127.0.0.1", 0, limit=HEAD_BYTES, backlog=1000)
        server = self.loop.run_until_complete(listening)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        self.loop.run_forever()

    def take_counts(self):
        """Returns the requests since the last time, by (bucket, kind)."""
        with self.lock:
            counts, self.counts = self.counts, collections.Counter()
        return counts

    def count(self, bucket, kind):
        with self.lock:
            self.counts[bucket, kind] += 1

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head[: head.index(b"\r\n")].decode().split(" ")
                body = await reader.readexactly(length(head) or 0)
                path, _, query = target.partition("?")
                bucket, _, key = path[1:].partition("/")
                self.count(bucket, kind(method, key, query))
                if bucket == self.bucket.name:
                    if self.latency and not key:
                        await asyncio.sleep(self.latency * random.uniform(0.5, 1.5))
                    writer.write(self.answer(method, urllib.parse.unquote(key), query))
                else:
                    writer.write(await self.hand_on(head + body, method))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def hand_on(self, request, method):
        # A connection of its own: the server closes those that idle, and a second try would count twice.
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=HEAD_BYTES)
        try:
            writer.write(request)
            return await response(reader, method)
        finally:
            writer.close()

    def answer(self, method, key, query):
        """Answers a request for the trail."""
        if method == "GET" and not key:
            data = self.bucket.list(query)
            return ANSWER.format("200 OK", len(data), "Content-Type: application/xml\r\n").encode() + data
        found = self.bucket.objects.get(key)
        if found is None or method not in ("GET", "HEAD"):
            return ANSWER.format("405 Method Not Allowed" if found else "404 Not Found", 0, "").encode()
        headers = OF_OBJECT.format(found.modified, found.etag())
        head = ANSWER.format("200 OK", len(found.data), headers).encode()
        return head if method == "HEAD" else head + found.data


def kind(method, key, query):
    """Returns what a request is paid as."""
    if method == "POST" and query.partition("=")[0] == "delete":
        return "DELETE"
    return "LIST" if method == "GET" and not key else method


def length(head):
    """Returns the length that a head states."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
        if name.lower() == b"transfer-encoding":
            raise ConnectionError("bodies in chunks are not handed on")
    return None


async def response(reader, method):
    """Reads a whole response."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    has_body = method != "HEAD" and status not in (b"204", b"304")
    return head + await reader.readexactly(length(head) or 0) if has_body else head
