"""Write the generated parts of docs/ anew."""

from pathlib import Path

import django

django.setup()

from tests.docs.generated import pages  # noqa: E402 - needs Django

for path, text in pages().items():
    Path(path).write_text(text, encoding="utf-8")
