"""An S3-compatible object store on the loopback interface, with an empty bucket."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from commitments.files.bucket import Bucket

BUCKET = "evidence"
KEYS = {"AWS_ACCESS_KEY_ID": "tracker", "AWS_SECRET_ACCESS_KEY": "not a secret"}


class ObjectStore:
    """A store that can be stopped and started again on the same port, with its content."""

    def __init__(self):
        self.port = 0

    def start(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]

    def stop(self):
        self.server.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self):
        """Variables of the environment with which a site keeps its evidence here."""
        address = f"s3://{BUCKET}/files?endpoint_url={self.url}&region_name=us-east-1"
        return {"EVIDENCE_STORE": address, **KEYS}

    @property
    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            config=Config(signature_version="s3v4"),
        )

    def read_file(self, name):
        """Return the content of a file of evidence, without the tracker."""
        return self.client.get_object(Bucket=BUCKET, Key=f"files/{name}")["Body"].read()


def bucket_in(store, location="files"):
    """Return the storage that keeps its files in a folder of the store's bucket."""
    return Bucket(
        bucket_name=BUCKET,
        location=location,
        endpoint_url=store.url,
        region_name="us-east-1",
        access_key=KEYS["AWS_ACCESS_KEY_ID"],
        secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


@contextmanager
def object_store():
    store = ObjectStore()
    store.start()
    try:
        store.client.create_bucket(Bucket=BUCKET)
        yield store
    finally:
        store.client.close()
        store.stop()


class _HalfAnswers(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.send_header("ETag", '"any"')
        self.end_headers()

    def do_GET(self):
        self.server.sent += 1
        self.do_HEAD()
        self.wfile.write(bytes(500))

    def log_message(self, *args):
        pass


@contextmanager
def store_that_hangs_up():
    """A store that has each file, and closes the connection once half of it is sent. Yield a server
    that counts in `sent` how often it sent one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _HalfAnswers) as server:
        server.sent = 0
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
