"""An S3-compatible object store on the loopback interface, with an empty bucket."""

from contextlib import contextmanager

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

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
