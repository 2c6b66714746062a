"""A cache that all processes share, which can be away for a while."""

import socket
import subprocess
from contextlib import contextmanager

from tests.faults.proxy import wait_for


class Valkey:
    """A server at `address`; what it keeps is lost when it stops."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.folder, self.process = (
            f"rediscache://127.0.0.1:{self.port}/1",
            folder,
            None,
        )

    def start(self):
        command = ["/usr/bin/valkey-server", "--bind", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--save", "", "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        wait_for(self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@contextmanager
def valkey(folder):
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
