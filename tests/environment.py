"""The environment of a test run, loaded before Django's settings: nothing of a developer's `.env`
reaches the tests. A `DATABASE_URL` that is set is kept: that is how PostgreSQL is tested."""

import atexit
import os
import shutil
import tempfile

evidence = tempfile.mkdtemp(prefix="tracker-evidence-")
atexit.register(shutil.rmtree, evidence, ignore_errors=True)
os.environ |= {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "DEBUG": "false",
    "HTTPS": "false",
    "BEHIND_PROXY": "false",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "API_RATE": "",
    "TIME_ZONE": "UTC",
    "EVIDENCE_DIR": evidence,
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
os.environ.setdefault("DATABASE_URL", "sqlite:///test.sqlite3")
