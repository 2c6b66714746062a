"""The personal data of a member of staff: exported on request, and deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from commitments.access.second_factor import remove_second_factor
from commitments.accounts.account_requests import (
    check_an_administrator_is_left,
    locked_account,
    record_command,
)
from commitments.accounts.changes import account_state
from commitments.accounts.sessions import end_access
from commitments.choices import RequestState
from commitments.exceptions import ActionRefused
from commitments.models import (
    AccessToken,
    AccountRequest,
    CalendarAddress,
    Decision,
    ErasureRequest,
    Follower,
    Following,
    IdempotentResponse,
    Mail,
    MailPreference,
    NothingNew,
    NothingToReport,
    Office,
    ProgressUpdate,
    Rating,
    ReportCall,
    ServiceAccount,
)
from commitments.texts.lists import ITEMS, join_list
from commitments.workflow.administrator_requests import close_request

# The rows that are kept about failed and successful attempts to sign in.
SIGN_INS: tuple[type[Model], ...] = (AccessAttempt, AccessLog)
# The rows that name a person and their columns, by the key under which `person` prints them. Texts
# of updates belong to the record, not to the person.
PERSONAL_DATA: dict[str, tuple[Callable[[User], QuerySet[Any]], tuple[str, ...]]] = {
    "offices": (lambda user: Office.objects.filter(members=user), ("code",)),
    "updates_written": (
        lambda user: ProgressUpdate.objects.filter(author=user),
        ("id", "state", "effective_on", "published_at"),
    ),
    "updates_edited": (lambda user: ProgressUpdate.objects.filter(editors=user), ("id",)),
    "updates_published": (
        lambda user: ProgressUpdate.objects.filter(publisher=user),
        ("id", "published_at"),
    ),
    "decisions": (
        lambda user: Decision.objects.filter(actor=user),
        ("seq", "at", "action", "role", "note"),
    ),
    "requests": (
        lambda user: AccountRequest.objects.filter(Q(asked_by=user) | Q(closed_by=user)),
        # `changes` is left out: it is about somebody else.
        ("id", "asked_at", "state", "closed_at", "reason"),
    ),
    "requests_about_the_account": (
        lambda user: AccountRequest.objects.filter(account=user),
        ("id", "asked_at", "state", "closed_at", "reason", "changes"),
    ),
    "erasure_requests": (
        lambda user: ErasureRequest.objects.filter(Q(asked_by=user) | Q(closed_by=user)),
        ("id", "asked_at", "state", "closed_at"),
    ),
    "calls_for_reports": (
        lambda user: ReportCall.objects.filter(Q(asked_by=user) | Q(withdrawn_by=user)),
        ("id", "asked_at", "withdrawn_at"),
    ),
    "nothing_new": (lambda user: NothingNew.objects.filter(by=user), ("id", "at")),
    "nothing_to_report": (
        lambda user: NothingToReport.objects.filter(by=user),
        ("meeting", "at"),
    ),
    "ratings": (
        lambda user: Rating.objects.filter(rater=user),
        ("update", "findings", "status"),
    ),
    "calendar_address": (
        lambda user: CalendarAddress.objects.filter(user=user),
        ("made_at",),
    ),
    "access_tokens": (
        lambda user: AccessToken.objects.filter(user=user),
        ("name", "scopes", "plans", "created", "expiry", "last_used"),
    ),
    "service_accounts": (
        lambda user: ServiceAccount.objects.filter(owner=user),
        ("user",),
    ),
    "idempotent_responses": (
        lambda user: IdempotentResponse.objects.filter(user=user),
        ("key", "at"),
    ),
    "second_factors": (
        lambda user: Authenticator.objects.filter(user=user),
        ("type", "created_at", "last_used_at"),
    ),
    "log_of_the_admin": (
        lambda user: LogEntry.objects.filter(user=user),
        ("action_time", "object_repr", "change_message"),
    ),
    "mail_preferences": (
        lambda user: MailPreference.objects.filter(user=user),
        ("language", "language_chosen", "digest", "notices"),
    ),
    "mails": (
        lambda user: Mail.objects.filter(person=user),
        ("kind", "made_at", "state", "ended_at"),
    ),
    "followed_by_mail": (
        lambda user: Following.objects.filter(follower__in=_following_as(user)),
        ("plan__code", "subject_type", "subject_key", "asked_at", "confirmed_at"),
    ),
    "sign_ins": (
        lambda user: AccessLog.objects.filter(_typed_by(user)),
        ("attempt_time", "ip_address", "user_agent"),
    ),
    "failed_sign_ins": (
        lambda user: AccessAttempt.objects.filter(_typed_by(user)),
        ("attempt_time", "ip_address", "user_agent"),
    ),
}


def _typed_by(user: User) -> Q:
    """Return the condition for a person's attempts to sign in: by user name or address, with any
    capitals, since they are stored as they were typed."""
    by_name = Q(username__iexact=user.get_username())
    return by_name | Q(username__iexact=user.email) if user.email else by_name


def _following_as(user: User) -> QuerySet[Follower]:
    """Return the follower with the address of a person; none if the person has no address."""
    same = Follower.objects.filter(email__iexact=user.email)
    return same if user.email else same.none()


def facts_about(user: User) -> dict[str, object]:
    """Return everything that is stored about a person, in values that `DjangoJSONEncoder` can
    write."""
    account = {**account_state(user), "id": user.pk, "joined": user.date_joined}
    rows = {
        name: list(read(user).values(*columns)) for name, (read, columns) in PERSONAL_DATA.items()
    }
    return {"account": {**account, "last_login": user.last_login}, **rows}


def forget_person(user: User, *, at: datetime) -> User:
    """Erase who held an account: its names and address, and the records of sign-ins; nobody can
    sign in with it again. What the person wrote and decided stays, under a number.

    The ledger identifies people by the numbers of their accounts, so it is not affected; it records
    that this was done. Raise ActionRefused if no administrator would be left, or a program in use
    would have no responsible person.
    """
    email = user.email
    typed, following = _typed_by(user), _following_as(user)
    with transaction.atomic():
        account = locked_account(user)
        _check_answers_for_no_program(account)
        was_administrator = account.is_superuser
        account.username = f"person-{account.pk}"
        account.last_name = account.first_name = account.email = ""
        account.is_active = account.is_superuser = False
        account.last_login = None
        account.set_unusable_password()
        account.save()
        account.groups.clear()
        account.offices.clear()
        if was_administrator:
            check_an_administrator_is_left()
        end_access(account)
        remove_second_factor(account)
        _close_requests(account, at)
        account.mails.all().delete()
        if email:
            Mail.objects.filter(address__iexact=email).delete()
        MailPreference.objects.filter(user=account).delete()
        IdempotentResponse.objects.filter(user=account).delete()
        for model in SIGN_INS:
            model._default_manager.filter(typed).delete()
        following.delete()
        kind = ContentType.objects.get_for_model(User)
        about = LogEntry.objects.filter(content_type=kind, object_id=str(account.pk))
        about.update(object_repr="", change_message="")
        record_command(account, changed="forgotten", at=at)
    return account


def _check_answers_for_no_program(account: User) -> None:
    """Raise ActionRefused with the names of the active programs of a person. Their tokens would
    continue to work with nobody responsible for them."""
    owned = ServiceAccount.objects.filter(owner=account, user__is_active=True)
    names = list(owned.order_by("user__username").values_list("user__username", flat=True))
    if names:
        sentence = _(
            "The person answers for the programs %(names)s. First make somebody else responsible "
            "for them, or deactivate their accounts."
        )
        raise ActionRefused(sentence % {"names": join_list(names, ITEMS)})


def _close_requests(account: User, at: datetime) -> None:
    """Close the open requests about the account and those made by it, and empty the reasons of
    all."""
    rows = AccountRequest.objects.filter(Q(account=account) | Q(asked_by=account))
    rows.update(reason="", link_due=False)
    for request in rows.filter(state=RequestState.OPEN).select_for_update():
        close_request(request, RequestState.RECALLED, None, at)
