"""`manage.py write_schemas FOLDER`: write the JSON Schemas of plan files and update files."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.importing.schemas import schema_documents


class Command(BaseCommand):
    help = "Writes the JSON Schemas of plan files and update files into a folder, for editors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: str, folder: Path, **options: object) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, document in schema_documents().items():
                text = json.dumps(document, ensure_ascii=False, indent=2)
                (folder / name).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}") from error
        self.stdout.write(f"Written to {folder}: {', '.join(schema_documents())}.")
