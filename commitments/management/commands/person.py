"""`manage.py person NAME`: export or erase the data kept about a person."""

from __future__ import annotations

import json

from django.core.management.base import CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from commitments.accounts import (
    Mentions,
    decisions_that_mention,
    facts_about,
    forget_person,
)
from commitments.management.base import TrackerCommand


class Command(TrackerCommand):
    help = (
        "Prints everything that is kept of a person, as JSON. With --forget, forgets who held the "
        "account instead: names, address, sign-ins; nobody signs in with it again. What the person "
        "wrote and decided stays, under a number, and the ledger stays whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")
        parser.add_argument("--forget", action="store_true", help="forget the person, for good")

    def handle(self, *args: str, name: str, forget: bool, **options: object) -> None:
        user = self.get_user(name)
        if not forget:
            facts = facts_about(user)
            text = json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            self.stdout.write(text)
            return
        # Nobody is forgotten unless this is printed: afterwards the names to look for are gone.
        with transaction.atomic():
            account = forget_person(user, at=timezone.now())
            # `user` was read earlier, so it still has the names.
            self._list_mentions(decisions_that_mention(user))
        self.stdout.write(f"Forgotten. The account is {account.username} now.")

    def _list_mentions(self, mentions: Mentions) -> None:
        """Print which decisions stay in the ledger, and whose notes still have a name to be
        erased."""
        if mentions.by_number:
            self._list(mentions.by_number, "The account is named by its number in")
        if mentions.in_notes:
            self._list(mentions.in_notes, "A name or the address is in the notes of")
            self.stdout.write("Notes can be erased: docs/ledger.md, “Erasure”.")

    def _list(self, numbers: list[int], sentence: str) -> None:
        decisions = "1 decision" if len(numbers) == 1 else f"{len(numbers)} decisions"
        self.stdout.write(f"{sentence} {decisions}: {', '.join(map(str, numbers))}.")
