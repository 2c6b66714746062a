"""Servers to which the tracker connects in tests."""

import threading
from contextlib import contextmanager


@contextmanager
def serving(server):
    """Serve in a thread until the end of the block. Clearing `server.open` makes waiting requests
    end too."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.open = False
        server.shutdown()
        server.server_close()
        thread.join()
