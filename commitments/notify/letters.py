"""What a mail says to its reader. It is written when it is sent, from what the reader may see
then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404
from django.urls import reverse

from commitments.access.mail_links import OF_FOLLOWER, OF_PERSON
from commitments.accounts.followers import UNCONFIRMED_KEPT_FOR, following_wanted_by
from commitments.admin.workbench.base import update_address
from commitments.admin.workbench.people import password_path
from commitments.choices import State, SubjectType
from commitments.models import (
    Follower,
    Mail,
    MailPreference,
    ProgressUpdate,
    WebhookSubscriber,
)
from commitments.pages.following import followed_subject
from commitments.pages.updates import update_facts
from commitments.roles import staff_with_address
from commitments.texts.lists import COMMAS, join_list
from commitments.webhooks.subscribers import changes_waiting_for
from commitments.webhooks.words import failure_words


def _nothing_to_do() -> None:
    pass


@dataclass(frozen=True)
class Letter:
    """A mail to `to`: the values of its subject and of its template, and the address of the page on
    which its reader stops such mails, or their mail program does by a POST. `secrets` are other
    addresses that let whoever has them act as the reader. `once_sent` is called in the transaction
    that records that the mail was sent."""

    to: str
    values: Mapping[str, object]
    stop: str = ""
    secrets: Sequence[str] = ()
    once_sent: Callable[[], None] = field(default=_nothing_to_do)


def absolute(path: str) -> str:
    """Return the absolute address of a path of this site."""
    return f"{settings.SITE_URL}{path}"


def language_of(mail: Mail) -> str:
    """Return the language of a mail: that of the page on which somebody asked for it, else its
    reader's."""
    if mail.language:
        return mail.language
    if mail.person is not None:
        return MailPreference.objects.of(mail.person).language
    return mail.follower.language if mail.follower else settings.LANGUAGE_CODE


def stop_address(person: User) -> str:
    """Return the address of the page on which a person of the staff stops such mails."""
    return absolute(reverse("admin:stop-mail", args=[OF_PERSON.token(person)]))


def followings_address(follower: Follower) -> str:
    """Return the address of the page on which a reader confirms and ends what they follow."""
    return absolute(reverse("pages:followings", args=[OF_FOLLOWER.token(follower)]))


def invitation(mail: Mail, now: datetime) -> Letter | None:
    person = mail.person
    if person is None or person.has_usable_password():
        return None
    links = _password_links([person])
    values = {"person": person, **_way_in(links, now)}
    return Letter(person.email, values, secrets=list(links.values()))


def password(mail: Mail, now: datetime) -> Letter | None:
    """Write to the address that somebody typed, if an account has it. No password is set for
    accounts that sign in elsewhere."""
    people = staff_with_address(mail.address)
    if settings.OIDC_ISSUER:
        people = [person for person in people if person.has_usable_password()]
    if not people:
        return None
    links = _password_links(people)
    return Letter(people[0].email, _way_in(links, now), secrets=list(links.values()))


def _password_links(people: list[User]) -> dict[str, str]:
    return {person.get_username(): absolute(password_path(person)) for person in people}


def _way_in(links: Mapping[str, str], now: datetime) -> dict[str, object]:
    """Return the values that tell people how to sign in: the link at which each sets their
    password, or the page that leads to their organisation's own sign-in."""
    return {
        "sign_in": absolute(reverse("admin:login")),
        "single_sign_on": bool(settings.OIDC_ISSUER),
        "links": list(links.items()),
        "until": now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
        "time_zone": settings.TIME_ZONE,
    }


def new_password(mail: Mail, now: datetime) -> Letter | None:
    """Write to the person of an account that its password was set, whoever did it."""
    person = mail.person
    if person is None:
        return None
    forgotten = "" if settings.OIDC_ISSUER else absolute(reverse("admin:forgotten-password"))
    values = {
        "name": person.get_username(),
        "at": mail.made_at,
        "time_zone": settings.TIME_ZONE,
        "forgotten": forgotten,
    }
    return Letter(person.email, values)


def returned(mail: Mail, now: datetime) -> Letter | None:
    return _about_update(mail, State.RETURNED)


def published(mail: Mail, now: datetime) -> Letter | None:
    return _about_update(mail, State.PUBLISHED)


def corrected(mail: Mail, now: datetime) -> Letter | None:
    return _about_update(mail, State.SUPERSEDED)


def withdrawn(mail: Mail, now: datetime) -> Letter | None:
    return _about_update(mail, State.RETRACTED)


def _about_update(mail: Mail, state: State) -> Letter | None:
    """Write about an update, if its author may still see it and it is still in this state."""
    person, decision = mail.person, mail.decision
    if person is None or decision is None:
        return None
    rows = ProgressUpdate.objects.visible_to(person).filter(state=state, decisions=decision)
    update = rows.select_related("commitment__plan").first()
    if update is None:
        return None
    page = reverse("pages:commitment", args=[update.commitment.plan.code, update.commitment.number])
    subject = f"{update.commitment.code} {update.commitment.title.inline()}"
    values = {
        "about": join_list([subject, *update_facts(update)], COMMAS),
        "note": decision.note,
        "address": absolute(update_address(update)),
        "page": absolute(f"{page}#update-{update.pk}"),
    }
    return Letter(person.email, values, stop_address(person))


def webhook_stopped(mail: Mail, now: datetime) -> Letter | None:
    """Write about a subscriber of webhooks, if nothing is sent to it again yet. Of several mails
    about it, only the last one is sent."""
    person = mail.person
    subscriber = WebhookSubscriber.objects.stopped().filter(mails=mail).first()
    if person is None or subscriber is None:
        return None
    if Mail.objects.filter(person=person, subscriber=subscriber, pk__gt=mail.pk).exists():
        return None
    page = reverse("admin:commitments_webhooksubscriber_change", args=[subscriber.pk])
    values = {
        "about": subscriber.name,
        "host": subscriber.host,
        "error": failure_words(subscriber.error),
        "waiting": changes_waiting_for(subscriber).count(),
        "contact": subscriber.contact,
        "address": absolute(page),
    }
    return Letter(person.email, values, stop_address(person))


def confirmation(mail: Mail, now: datetime) -> Letter | None:
    following = following_wanted_by(mail)
    if following is None:
        return None
    subject_type = SubjectType(following.subject_type)
    try:
        subject = followed_subject(following.plan, subject_type, following.subject_key)
    except Http404:
        return None
    confirm = followings_address(following.follower)
    values = {
        "followed": subject.title,
        "page": absolute(subject.page),
        "confirm": confirm,
        "is_known": following.follower.followings.confirmed().exists(),
        "days": UNCONFIRMED_KEPT_FOR.days,
    }
    return Letter(following.follower.email, values, secrets=[confirm])
