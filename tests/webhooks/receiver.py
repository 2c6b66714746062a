"""A receiver of webhooks on loopback, which takes them or fails in one of many ways."""

import base64
import hashlib
import hmac
import json
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from commitments.links.connection import RequestLimits
from tests.serving import serving

# A busy machine may take seconds to answer; a receiver that never answers keeps a test waiting.
LONG = RequestLimits(total_seconds=10, step_seconds=8, max_bytes=2000)
SHORT = RequestLimits(total_seconds=0.3, step_seconds=0.2, max_bytes=2000)
LIMITS_PATH = "commitments.webhooks.sending.WEBHOOK_LIMITS"


class Handler(BaseHTTPRequestHandler):
    """Answers in the way that the server's `way` names: `way_takes`, and so on."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.close_connection = True
        self.server.arrivals.append((self.path, self.headers))
        self.server.requests.append((dict(self.headers), body))
        getattr(self, f"way_{self.server.way}")()

    def do_GET(self):
        """Nobody should come here, least of all by a redirect."""
        self.server.requests.append((dict(self.headers), None))
        self.answer(200)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"content_length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def way_takes(self):
        self.answer(204)

    def way_takes_late(self):
        """Take one that is waited for more than half of three seconds."""
        time.sleep(1.7)
        self.answer(204)

    def way_says_500(self):
        self.answer(500, b"<h1>Oh\x00 no</h1>\n  <p>broken" + b"!" * 500)

    def way_is_busy(self):
        self.answer(429, b"later", retry_after=self.server.retry_after)

    def way_is_down(self):
        self.answer(503, retry_after=self.server.retry_after)

    def way_redirects(self):
        self.answer(307, location=f"http://{self.server.host}/elsewhere")

    def way_is_gone(self):
        self.answer(410)

    def way_hangs(self):
        self.wait()

    def way_hangs_in_the_answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{")
        self.wait()

    def way_drips(self):
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while self.server.open:
                self.wfile.write(b"X-Drip: 1\r\n")
                time.sleep(0.05)
        except OSError:
            pass

    def way_never_ends(self):
        self.send_response(200)
        self.end_headers()
        try:
            while self.server.open:
                self.wfile.write(b"x" * 10_000)
                self.server.sent += 10_000
        except OSError:
            pass

    def way_talks_garbage(self):
        self.wfile.write(b"\x00\xff\r\n\r\n" * 20)

    def way_closes_at_once(self):
        self.connection.close()

    def way_resets(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait(self):
        while self.server.open:
            time.sleep(0.02)


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.arrivals, self.requests = [], []
        self.way, self.retry_after = "takes", "60"
        self.sent, self.open = 0, True

    @property
    def host(self):
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self):
        return f"http://{self.host}/hook"

    def handle_error(self, request, client_address):
        """Print nothing when a client closes the connection early."""

    def ids(self):
        return [headers["webhook-id"] for headers, _body in self.requests]

    def payloads(self):
        return [json.loads(body) for _headers, body in self.requests]


def receiver():
    return serving(Receiver())


def is_signed(secret, headers, body):
    """Whether one of the signatures is that of the secret, worked out apart from the tracker."""
    key = base64.b64decode(secret.partition("_")[2])
    signed = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
    )
    made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{made}" in headers["webhook-signature"].split()
