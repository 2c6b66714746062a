"""Set the environment of a test run before Django's settings are loaded, so that a developer's
`.env` has no effect: every setting has the default of `.env.example` or the value below. A
`DATABASE_URL` that is set is kept, for tests on PostgreSQL."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

evidence_folder = tempfile.mkdtemp(prefix="tracker-evidence-")
atexit.register(shutil.rmtree, evidence_folder, ignore_errors=True)
example = Path(__file__).resolve().parent.parent / ".env.example"
defaults = dict(re.findall(r"^([A-Z_]+)=(.*)$", example.read_text(encoding="utf-8"), re.MULTILINE))
os.environ |= defaults | {
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
    "EMAIL_URL": "",
    "EVIDENCE_STORE": "",
    "CACHE_URL": "locmemcache://?max_entries=10000",
    "STATEMENT_SECONDS": "0",
    "STATIC_ROOT": "",
    "WEB_THREADS": "4",
    "WEB_WORKERS": "2",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
os.environ.setdefault("DATABASE_URL", "sqlite:///test.sqlite3")
