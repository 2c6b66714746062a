"""Where the data are stored: the database, and the files of evidence."""

import re
from urllib.parse import parse_qsl, quote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from tracker.environment import BASE_DIR, env
from tracker.variables import require_libraries

__all__ = ["CONNECTION_POOLER", "DATABASES", "EVIDENCE_STORAGE"]

WEB_ADDRESS = re.compile(r"https?://([\w.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[^\s?#]*)?")
# How long to wait for another writer, or for a free connection.
SECONDS_TO_WAIT = 5
# Of each process to PostgreSQL, as the pool has them unless told otherwise.
LEAST_CONNECTIONS = 4
# The time limit of a statement on PostgreSQL; 0 means none. `tracker.wsgi` sets one; commands run
# without.
STATEMENT_SECONDS = env.int("STATEMENT_SECONDS", default=0, at_least=0)
# Whether DATABASE_URL leads to PgBouncer, which gives each transaction another connection.
CONNECTION_POOLER = env.bool("CONNECTION_POOLER", default=False)


def server_options(given: str) -> str:
    """Return the options of each PostgreSQL connection; those in the address of the database, such
    as `-c search_path=tracker`, come last and so take precedence."""
    # Compiling a long statement takes a tenth of a second and more, which is rarely gained back.
    limits = f"-c lock_timeout={SECONDS_TO_WAIT}s -c statement_timeout={STATEMENT_SECONDS}s"
    return f"{limits} -c jit=off {given}".rstrip()


DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}")
}
_database = DATABASES["default"]
# The options in the address, such as `?sslmode=require`.
_options = _database.get("OPTIONS", {})
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # This backend keeps connections only as long as their file is the same.
    _database |= {"ENGINE": "tracker.sqlite", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # Writers wait for one another a little, then are told to come back (503). An acknowledged
    # decision survives a power cut.
    _database["OPTIONS"] = _options | {
        "transaction_mode": "IMMEDIATE",
        "timeout": SECONDS_TO_WAIT,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
        ),
    }
elif CONNECTION_POOLER:
    # PgBouncer passes a connection on after each transaction, with its settings. So no server-side
    # cursors, and the limits below have to be set for the database role (docs/scaling.md).
    _database |= {"DISABLE_SERVER_SIDE_CURSORS": True, "CONN_MAX_AGE": 60}
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = _options | {"connect_timeout": SECONDS_TO_WAIT}
else:
    # A connection that did not survive a restart of the server is replaced before it is used.
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = _options | {
        # A connection for each thread. The pool tries again after ever longer pauses. It gives up
        # soon, so that the next request begins anew: after a long outage the site is back as soon
        # as the server is.
        "pool": {
            "max_size": max(
                LEAST_CONNECTIONS, env.int("WEB_THREADS", LEAST_CONNECTIONS, at_least=1)
            ),
            "timeout": SECONDS_TO_WAIT,
            "reconnect_timeout": SECONDS_TO_WAIT,
        },
        "options": server_options(_options.get("options", "")),
    }


def bucket_storage(address: str) -> dict[str, object]:
    """Return the storage at an address such as
    `s3://bucket/folder?endpoint_url=https://s3.example.org&region_name=eu`."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = options.keys() - {"endpoint_url", "region_name"}
    is_wrong = "endpoint_url" in options and not WEB_ADDRESS.fullmatch(options["endpoint_url"])
    if parts.scheme != "s3" or not parts.netloc or unknown or is_wrong:
        raise ImproperlyConfigured(
            f"EVIDENCE_STORE is {address!r}. Write s3://bucket or s3://bucket/folder, if need be "
            "with ?endpoint_url=https://…&region_name=…; keys do not belong in it."
        )
    require_libraries("EVIDENCE_STORE", "storages", "boto3")
    return {
        "BACKEND": "commitments.files.bucket.Bucket",
        "OPTIONS": {"bucket_name": parts.netloc, "location": parts.path.strip("/"), **options},
    }


_store = env.str("EVIDENCE_STORE", default="")
# Never inside a served folder: a view sends evidence files and checks permissions.
EVIDENCE_STORAGE = (
    bucket_storage(_store)
    if _store
    else {
        "BACKEND": "commitments.files.folder.Folder",
        "OPTIONS": {"location": env.path("EVIDENCE_DIR", BASE_DIR / "evidence")},
    }
)
