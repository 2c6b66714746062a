"""`manage.py new_plan CODE FILE`: write a commented plan file to start from."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.importing.languages import unknown_language
from commitments.importing.new_plan import new_plan
from commitments.models.plans import PLAN_CODE
from commitments.texts.languages import canonical_tag


class Command(BaseCommand):
    help = "Writes a commented plan file to start from. It can be loaded as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="up to 16 capital letters, digits and underscores")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--languages",
            nargs="+",
            default=[settings.LANGUAGE_CODE],
            metavar="TAG",
            help="BCP 47 tags, that of the original first; by default the one of the tracker",
        )

    def handle(
        self, *args: str, code: str, file: Path, languages: list[str], **options: object
    ) -> None:
        if not re.match(PLAN_CODE, code):
            raise CommandError(
                f"{code}: use at most 16 capital letters, digits and underscores, starting with a "
                "letter."
            )
        for tag in languages:
            if canonical_tag(tag) != tag:
                raise CommandError(f"{unknown_language(tag)}.")
            if languages.count(tag) > 1:
                raise CommandError(f"{tag}: name each language once.")
        try:
            # Never overwrite a file that somebody may have worked on.
            file.touch(exist_ok=False)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        try:
            file.write_text(new_plan(code, languages), encoding="utf-8")
        except OSError as error:
            file.unlink()
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(
            f"Written to {file}. Fill it in, and check it: manage.py load_plan {file} --dry-run"
        )
