"""Messages that say why a request to a subscriber failed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.webhooks.sending import INTERNAL_ERROR, SECRET_UNREADABLE

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# By the reasons of `links.connection` and of `requests`.
FAILURE_WORDS: dict[str, StrOrPromise] = {
    "timed out": _("no response in time"),
    "no connection": _("no connection"),
    "no secure connection": _("no secure connection"),
    "invalid response": _("a response that is not HTTP"),
    "not a public address": _("not a public address"),
    "unknown host name": _("unknown host name"),
    "no address": _("unknown host name"),
    "invalid address": _("invalid address"),
    "not a web address": _("invalid address"),
    "not an https address": _("the address does not begin with https://"),
    SECRET_UNREADABLE: _("the secret cannot be read; issue a new one"),
    INTERNAL_ERROR: _("internal error, see the log of the server"),
    str(HTTPStatus.GONE.value): _("410: the receiver wants no more"),
}


def failure_words(failure: str) -> StrOrPromise:
    """Return the message for a failure; other HTTP statuses are returned as they are."""
    return FAILURE_WORDS.get(failure, failure)
