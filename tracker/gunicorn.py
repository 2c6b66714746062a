"""Settings of gunicorn, which serves the application behind a proxy:

    gunicorn --config python:tracker.gunicorn tracker.wsgi

The environment may set `BIND`, `WEB_WORKERS` and `WEB_THREADS`.
"""

import multiprocessing
import os
from pathlib import Path

from tracker.variables import Variables

env = Variables()
bind = os.environ.get("BIND", "127.0.0.1:8000")
# A worker keeps computing while its other threads wait for the database.
workers = env.int("WEB_WORKERS", min(2 * multiprocessing.cpu_count(), 8), at_least=1)
worker_class = "gthread"
# The pool of each process has a connection to PostgreSQL for each, and four at least.
threads = env.int("WEB_THREADS", 4, at_least=1)

# In seconds, longer than one statement may take (`tracker.wsgi`): a worker that is silent for
# longer hangs.
timeout = 60
# Requests that have begun are answered before a worker ends.
graceful_timeout = 30
keepalive = 5
# Workers are replaced so that memory leaks of libraries do not add up, and not all at once.
max_requests, max_requests_jitter = 5_000, 500

# A worker's heartbeat is a file, which could block on a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# The application itself logs requests (`LOG_FORMAT=json`).
accesslog, errorlog = None, "-"
# No setting is changed while the server runs.
control_socket_disable = True
