"""Answering the requests of administrators."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import RequestState
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.models.administrator_requests import AdministratorRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_Request = TypeVar("_Request", bound=AdministratorRequest)


def recall_request(request: _Request, *, by: User, at: datetime) -> _Request:
    """Take a request back. Raise NotPermitted if it is somebody else's, ActionRefused if it was
    answered."""
    if not policies.may_recall_request(by, request):
        raise NotPermitted(_("Only the administrator who made the request may recall it."))
    return _closed(request, RequestState.RECALLED, by, at)


def decline_request(request: _Request, *, by: User, at: datetime) -> _Request:
    """Decline a request. Raise NotPermitted if the person is not another administrator,
    ActionRefused if it was answered."""
    if not policies.may_decline_request(by, request):
        raise NotPermitted(_("Only another administrator may decline the request."))
    return _closed(request, RequestState.DECLINED, by, at)


def request_to_confirm(request: _Request, by: User | None) -> _Request:
    """Lock a request, read it again and return it; `by` is None if a command confirms it.

    Call it inside a transaction. Raise NotPermitted if the person is not a second administrator,
    ActionRefused if the request was already answered.
    """
    fresh = _locked(request)
    if by is not None and not policies.may_confirm_request(by, fresh):
        raise NotPermitted(
            _(
                "Only a second administrator may confirm this: neither may have made the other's "
                "account or given it access, and no third person may have done so for both."
            )
        )
    _check_open(fresh)
    return fresh


def close_request(
    request: AdministratorRequest, state: RequestState, by: User | None, at: datetime
) -> None:
    """Save the answer to a request."""
    request.drop_details()
    request.state, request.closed_by, request.closed_at = state, by, at
    request.save()


def _locked(request: _Request) -> _Request:
    rows = type(request)._default_manager.select_for_update(of=("self",))
    return rows.select_related("asked_by").get(pk=request.pk)


def _closed(request: _Request, state: RequestState, by: User, at: datetime) -> _Request:
    with transaction.atomic():
        fresh = _locked(request)
        _check_open(fresh)
        close_request(fresh, state, by, at)
    return fresh


def _check_open(request: AdministratorRequest) -> None:
    if request.state != RequestState.OPEN:
        raise ActionRefused(
            _("This request is no longer open: %(state)s.")
            % {"state": RequestState(request.state).label}
        )
