"""Following a plan, a goal, a forum or a commitment by mail, without an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView, View

from commitments.access.mail_links import OF_FOLLOWER
from commitments.access.rate_limits import client_address
from commitments.accounts.followers import (
    UNCONFIRMED_KEPT_FOR,
    ask_to_follow,
    confirm_following,
    end_following,
)
from commitments.choices import MailKind, SubjectType
from commitments.db import whole_number
from commitments.form_fields import AddressForm
from commitments.models import Follower, Following, Plan
from commitments.pages.feeds import ChangesFeed, CommitmentFeed, FeedSubject, ForumFeed, GoalFeed
from commitments.roles import ANONYMOUS

# The feed of each type of subject that can be followed, and the name of its key in the address.
FOLLOWED: dict[SubjectType, tuple[type[ChangesFeed], str]] = {
    SubjectType.PLAN: (ChangesFeed, ""),
    SubjectType.GOAL: (GoalFeed, "number"),
    SubjectType.FORUM: (ForumFeed, "code"),
    SubjectType.COMMITMENT: (CommitmentFeed, "number"),
}
# The field that a mail program posts when its user unsubscribes (RFC 8058).
ONE_CLICK = "List-Unsubscribe"


def followed_subject(plan: Plan, subject_type: SubjectType, key: str) -> FeedSubject:
    """Return the feed subject that a reader follows. Raise Http404 if it no longer exists."""
    feed, name = FOLLOWED[subject_type]
    return feed().subject(plan, **({name: key} if name else {}))


# Nobody is signed in here: a CSRF token would protect nothing, and would set a cookie.
@method_decorator([never_cache, csrf_exempt], name="dispatch")
class MailPage(View):
    """A page that exists only on sites that send mail."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.MAIL_ENABLED:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class FollowPage(MailPage, FormView):  # type: ignore[type-arg]
    """Accept the address of a reader who wants to follow the subject of this page. The response
    does not reveal whether the address is already known."""

    template_name = "commitments/follow.html"
    form_class = AddressForm
    subject_type = SubjectType.PLAN

    @cached_property
    def plan(self) -> Plan:
        return get_object_or_404(Plan.objects.visible_to(ANONYMOUS), code=self.kwargs["plan"])

    @cached_property
    def key(self) -> str:
        return next((str(value) for name, value in self.kwargs.items() if name != "plan"), "")

    @cached_property
    def subject(self) -> FeedSubject:
        return followed_subject(self.plan, self.subject_type, self.key)

    def get_form_kwargs(self) -> dict[str, Any]:
        caller = {"caller": client_address(self.request), "kind": MailKind.CONFIRMATION}
        return super().get_form_kwargs() | caller

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        days = UNCONFIRMED_KEPT_FOR.days
        return super().get_context_data(subject=self.subject, days=days, **kwargs)

    def form_valid(self, form: AddressForm) -> HttpResponse:
        # Build the context first: it raises Http404 if the subject does not exist.
        context = self.get_context_data(form=form, asked=True)
        ask_to_follow(
            form.cleaned_data["email"],
            self.plan,
            self.subject_type,
            self.key,
            language=get_language() or settings.LANGUAGE_CODE,
            at=timezone.now(),
        )
        return self.render_to_response(context)


class FollowingsPage(MailPage, TemplateView):
    """What a reader follows, at an address sent by mail. Here they confirm or end what they
    follow."""

    template_name = "commitments/followings.html"

    @cached_property
    def follower(self) -> Follower | None:
        try:
            return OF_FOLLOWER.reader(self.kwargs["token"])
        except BadSignature:
            raise Http404 from None

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if self.follower is None:
            return self._show()
        rows = Following.objects.filter(follower=self.follower)
        if "confirm" in request.POST:
            language = get_language() or settings.LANGUAGE_CODE
            chosen = _chosen(rows, request.POST["confirm"])
            confirm_following(chosen, language=language, at=timezone.now())
            return self._show(is_confirmed=chosen.exists())
        elif "end" in request.POST:
            end_following(_chosen(rows, request.POST["end"]), timezone.now())
        elif "end_all" in request.POST or ONE_CLICK in request.POST:
            end_following(rows, timezone.now())
        return self._show()

    def _show(self, *, is_confirmed: bool = False) -> HttpResponse:
        rows = Following.objects.filter(follower=self.follower).in_order()
        followings = [(row, _subject_of(row)) for row in rows]
        response = self.render_to_response(
            self.get_context_data(
                followings=followings, is_confirmed=is_confirmed, is_former=self.follower is None
            )
        )
        # Keep search engines that learn this address from listing it.
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def _chosen(rows: Any, sent: str) -> Any:
    """Return a queryset of the row that a button names; it is empty if the number is malformed."""
    number = whole_number(sent)
    return rows.none() if number is None else rows.filter(pk=number)


def _subject_of(row: Following) -> FeedSubject | None:
    try:
        return followed_subject(row.plan, SubjectType(row.subject_type), row.subject_key)
    except Http404:
        return None
