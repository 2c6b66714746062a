"""A mail server on loopback."""

import socket
from contextlib import contextmanager

from aiosmtpd.controller import Controller


@contextmanager
def mail_server(handler):
    """Run a server whose messages `handler` takes; its address is that of the controller."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield server
    finally:
        if server.server is not None:
            server.stop()
