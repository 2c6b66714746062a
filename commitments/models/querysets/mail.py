"""Mails in the outbox, and what readers follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.crypto import salted_hmac

from commitments.choices import MailKind, MailState
from commitments.models.querysets.shared import due_by

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from commitments.models import Following, Mail, MailPreference  # noqa: F401


# Stands in the place of an error if an administrator or its age ended a held mail.
WAS_HELD = "Held after a restore"


class MailQuerySet(models.QuerySet["Mail"]):
    def post(
        self, kind: MailKind, *, key: str, at: datetime, person: User | None = None, **columns: Any
    ) -> None:
        """Put a mail into the outbox, unless one with this key is or was there. Do nothing for a
        person without an address, or on a site that sends no mail."""
        if settings.MAIL_ENABLED and (person is None or person.email):
            mail = self.model(kind=kind, key=key, made_at=at, due_at=at, person=person, **columns)
            self.bulk_create([mail], ignore_conflicts=True)

    def post_to(
        self, kind: MailKind, people: Iterable[int], *, about: str, at: datetime, **columns: Any
    ) -> None:
        """Put a mail to each of these people, by id, into the outbox, as `post` does, with keys
        that are made from `about`; one query. All of them must have an address."""
        if settings.MAIL_ENABLED:
            mails = [
                self.model(
                    kind=kind,
                    key=f"{kind}-{about}-{person}",
                    made_at=at,
                    due_at=at,
                    person_id=person,
                    **columns,
                )
                for person in sorted(people)
            ]
            self.bulk_create(mails, ignore_conflicts=True, batch_size=500)

    def post_to_address(
        self,
        kind: MailKind,
        address: str,
        *,
        once_in: timedelta,
        at: datetime,
        language: str,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Put a mail to an address that somebody typed into the outbox: at most one in each period
        of `once_in`, however often it is typed."""
        email, given = address.lower(), dict(details or {})
        key = asked_key(kind, email, once_in, at, given)
        self.post(kind, key=key, at=at, address=email, language=language, details=given)

    def waiting(self) -> MailQuerySet:
        return self.filter(state=MailState.WAITING)

    def held(self) -> MailQuerySet:
        return self.filter(state=MailState.HELD)

    def unsent(self) -> MailQuerySet:
        """Return the mails that wait or are held."""
        return self.filter(state__in=(MailState.WAITING, MailState.HELD))

    def due(self, now: datetime) -> MailQuerySet:
        """Return the mails to be tried now, the oldest first."""
        return self.waiting().filter(due_by(now)).order_by("pk")

    def given_up_since(self, time: datetime) -> MailQuerySet:
        return self.filter(state=MailState.FAILED, ended_at__gte=time)

    def revive(self, at: datetime) -> int:
        """Have those of these mails that were given up, and still have a reader, tried again.
        Return their number."""
        rows = self.filter(state=MailState.FAILED).exclude(person=None, follower=None)
        return rows.update(state=MailState.WAITING, due_at=at, ended_at=None, tries=0)

    def release(self, at: datetime) -> int:
        """Have those of these mails that are held sent, with all tries. Return their number."""
        return self.held().update(state=MailState.WAITING, due_at=at, tries=0)

    def may_have_arrived(self) -> MailQuerySet:
        """Return the mails that their readers may have: they were sent, an attempt ended in an
        error, which can be lost after the mail was taken, or a backup was restored after it."""
        return self.filter(Q(state__in=(MailState.SENT, MailState.HELD)) | ~Q(error=""))

    def drop(self, at: datetime) -> None:
        """End the unsent ones of these mails, since they are not needed. That they may have arrived
        stays on record."""
        self.waiting().end(MailState.DROPPED, at, F("error"))
        self.held().end(MailState.DROPPED, at, WAS_HELD)

    def end(self, state: MailState, at: datetime, error: str | F = "") -> int:
        """Give these mails their final state, and delete the address and whatever else somebody
        typed. Return the number of mails."""
        # Where held changes begin is nothing that somebody typed, and is needed if the mail is
        # given up and then tried again.
        details = Case(
            When(follower=None, then=Value({}, models.JSONField())), default=F("details")
        )
        return self.update(state=state, ended_at=at, error=error, address="", details=details)


def asked_key(
    kind: MailKind, address: str, once_in: timedelta, at: datetime, details: Mapping[str, object]
) -> str:
    """Return the key of a mail to an address that somebody typed, which does not reveal it: the
    same for all equal requests in one period of `once_in`."""
    words = f"{address.lower()} {dict(details)} {int(at.timestamp() // once_in.total_seconds())}"
    return f"{kind}-{salted_hmac(__name__, words, algorithm='sha256').hexdigest()}"


class MailPreferenceQuerySet(models.QuerySet["MailPreference"]):
    def remember_language(
        self, person: User, language: str, *, anew: bool = False, chosen: bool = False
    ) -> None:
        """Have the mails of a person written in this language. A language that is already known is
        replaced only if `anew` is true, and never if somebody chose it."""
        if anew:
            self.filter(user=person, language_chosen=False).update(language=language)
        known = {"language": language, "language_chosen": chosen}
        self.get_or_create(user=person, defaults=known)

    def of(self, person: User, language: str = "") -> MailPreference:
        """Return what mail a person wants; if they have not said, the defaults, in this language or
        that of the site. These are not saved."""
        found = self.filter(user=person).first()
        return found or self.model(user=person, language=language or settings.LANGUAGE_CODE)


class FollowingQuerySet(models.QuerySet["Following"]):
    def confirmed(self) -> FollowingQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def unconfirmed(self) -> FollowingQuerySet:
        return self.filter(confirmed_at__isnull=True)

    def in_order(self) -> FollowingQuerySet:
        return self.select_related("plan").order_by("pk")
