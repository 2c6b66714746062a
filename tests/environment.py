"""Set the environment of a test run before Django's settings are loaded, so that a developer's
`.env` has no effect. A `DATABASE_URL` that is set is kept, for tests on PostgreSQL."""

import atexit
import os
import shutil
import tempfile

evidence_folder = tempfile.mkdtemp(prefix="tracker-evidence-")
atexit.register(shutil.rmtree, evidence_folder, ignore_errors=True)
os.environ |= {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "DEBUG": "false",
    "HTTPS": "false",
    "BEHIND_PROXY": "false",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "API_RATE": "",
    "TIME_ZONE": "UTC",
    "EVIDENCE_DIR": evidence_folder,
    "LEDGER_KEY": os.path.join(evidence_folder, "no.key"),
    "WITNESSES": "",
    "API_ORIGINS": "",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
os.environ.setdefault("DATABASE_URL", "sqlite:///test.sqlite3")
