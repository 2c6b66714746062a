"""A web server on loopback with pages that behave well, badly or maliciously."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

from tests.serving import serving

PAGE = b"<html><head><title>Minutes of May</title></head><body>%d</body></html>"


class OddHandler(BaseHTTPRequestHandler):
    """Responds to `/moved-twice` with the method `odd_moved_twice`, and so on. The server records
    the requests; some pages have the last of its `titles`."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.respond("HEAD")

    def do_GET(self):
        self.respond("GET")

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self.server.bodies.append((self.headers["Content-Type"], self.rfile.read(size)))
        self.respond("POST")

    def respond(self, method):
        self.server.requests.append((method, self.path, self.headers["Host"]))
        self.server.agents.add(self.headers["User-Agent"])
        self.close_connection = True
        name = self.path.strip("/").partition("?")[0].replace("-", "_") or "ok"
        aliases = {"%E5%9B%9B": "ok", "a%20place": "ok"}
        getattr(self, f"odd_{aliases.get(name, name)}", self.odd_missing)(method)

    def send(self, status, body=b"", method="GET", **headers):
        self.send_response(status)
        for key, value in {"content_length": len(body), **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(body)

    def page(self, method, title="Minutes of May", **headers):
        body = PAGE.replace(b"Minutes of May", title.encode()) % time.monotonic_ns()
        self.send(200, body, method, content_type="text/html; charset=utf-8", **headers)

    def odd_ok(self, method):
        self.page(method)

    def odd_missing(self, method):
        self.send(404, b"no", method)

    def odd_gone(self, method):
        self.send(410, b"no", method)

    def odd_no_head(self, method):
        self.send(405) if method == "HEAD" else self.page(method)

    def odd_missing_to_head(self, method):
        self.send(404) if method == "HEAD" else self.page(method)

    def odd_missing_with_good_head(self, method):
        self.page(method) if method == "HEAD" else self.send(404)

    def odd_silent_to_head(self, method):
        self.odd_silent(method) if method == "HEAD" else self.page(method)

    def odd_hangs_up_on_head(self, method):
        self.connection.close() if method == "HEAD" else self.page(method)

    def odd_utf_8_location(self, method):
        self.send_response(301)
        self.send_header("Content-Length", "0")
        self._headers_buffer.append("Location: /四\r\n".encode())
        self.end_headers()

    def odd_bad_location(self, method):
        self.send(302, location="//[")

    def odd_bad_length(self, method):
        self.send_response(200)
        self.send_header("Content-Length", "9" * 5000)
        self.end_headers()

    def odd_bad_tag(self, method):
        self.page(method, etag='"a\x00' + "b" * 300 + '"')

    def odd_unclosed_titles(self, method):
        self.send(200, b"<title" * 3000, method, content_type="text/html")

    def odd_untitled(self, method):
        self.send(200, b"<p>%d" % time.monotonic_ns(), method, content_type="text/html")

    def odd_broken(self, method):
        self.send(500, b"oops", method)

    def odd_forbidden(self, method):
        self.send(403, b"no", method)

    def odd_moved(self, method):
        self.send(301, location="/ok")

    def odd_moved_twice(self, method):
        self.send(308, location="/moved")

    def odd_moved_temporarily(self, method):
        self.send(302, location="/ok")

    def odd_moved_then_temporarily(self, method):
        self.send(301, location="/moved-temporarily")

    def odd_loop(self, method):
        self.send(302, location="/loop")

    def odd_to_metadata(self, method):
        self.send(302, location="http://169.254.169.254/latest/meta-data/")

    def odd_to_another_port(self, method):
        self.send(302, location=f"http://127.0.0.1:{self.server.other_port}/ok")

    def odd_to_file(self, method):
        self.send(302, location="file:///etc/passwd")

    def odd_to_what_is_asked(self, method):
        """Lead to the bytes of the query, whatever they are."""
        self.send_response(302)
        self.send_header("Content-Length", "0")
        place = unquote_to_bytes(self.path.partition("?")[2])
        self._headers_buffer.append(b"Location: " + place + b"\r\n")
        self.end_headers()

    def odd_redirect_without_location(self, method):
        self.send(302)

    def odd_titled(self, method):
        self.page(method, title=self.server.titles[-1])

    def odd_document(self, method):
        self.send(200, self.server.titles[-1].encode(), method, content_type="application/pdf")

    def odd_versioned(self, method):
        self.page(method, etag=f'"{self.server.titles[-1]}"')

    def odd_large(self, method):
        self.send(200, b"x" * 50_000, method, content_type="application/pdf")

    def odd_endless(self, method):
        self.send_response(200)
        self.end_headers()
        try:
            while method == "GET":
                self.wfile.write(b"x" * 10_000)
                self.server.sent += 10_000
        except OSError:
            pass

    def _drip(self, method):
        try:
            while method == "GET" and self.server.open:
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    def odd_dripping(self, method):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self._drip(method)

    def odd_dripping_to_the_end(self, method):
        """Send a body without a length, which ends with the connection."""
        self.protocol_version = "HTTP/1.0"
        self.send_response(200)
        self.end_headers()
        self._drip(method)

    def odd_dripping_headers(self, method):
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while self.server.open:
                self.wfile.write(b"X-Drip: 1\r\n")
                time.sleep(0.05)
        except OSError:
            pass

    def odd_silent(self, method):
        while self.server.open:
            time.sleep(0.05)

    def odd_hangs_up(self, method):
        self.connection.close()

    def odd_garbage(self, method):
        self.wfile.write(b"\x00\xff\r\n\r\n" * 20)

    def odd_cut_short(self, method):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x")

    def odd_encoded(self, method):
        # Declares an encoding that the body does not have.
        self.page(method, content_encoding="gzip")


class OddServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), OddHandler)
        self.requests, self.agents, self.titles = [], set(), ["Minutes of May"]
        self.bodies = []
        self.sent, self.open, self.other_port = 0, True, 1

    @property
    def host(self):
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Print nothing when a client closes the connection early."""

    def methods(self):
        return [method for method, _path, _host in self.requests]


def odd_server():
    return serving(OddServer())
