"""The mail settings of a member of staff, and the page for a forgotten password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import FormView, TemplateView

from commitments.access.mail_links import OF_PERSON
from commitments.access.rate_limits import client_address
from commitments.admin.workbench.base import StaffPage
from commitments.choices import DigestPeriod, MailKind
from commitments.form_fields import AddressForm
from commitments.models import Mail, MailPreference

# An address gets at most one mail with a link within this time.
PASSWORD_MAIL_PAUSE = timedelta(minutes=10)


class MailPreferenceForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=gettext_lazy("Language of messages"), choices=lambda: settings.LANGUAGES
    )

    class Meta:
        model = MailPreference
        fields = ("language", "digest", "notices")
        labels = {
            "digest": gettext_lazy("Digest of my desk"),
            "notices": gettext_lazy(
                "Also write at once when an update of mine is returned, published, withdrawn or "
                "corrected by somebody else, when reports are called for and their deadline is "
                "near or over, and before and after a meeting to which my office goes"
            ),
        }


class MailPreferencePage(StaffPage):
    """Which mails somebody wants, and in which language."""

    template_name = "workbench/mail.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(MailPreferenceForm(instance=self._preference()))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        form = MailPreferenceForm(request.POST, instance=self._preference())
        if not form.is_valid():
            return self._show(form)
        form.instance.language_chosen = True
        form.save()
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:mail"))

    def _preference(self) -> MailPreference:
        return MailPreference.objects.of(self.user, get_language() or "")

    def _show(self, form: MailPreferenceForm) -> HttpResponse:
        context = self.get_context_data(form=form, is_sent=settings.MAIL_ENABLED)
        return self.render_to_response(context)


# Only the reader knows the address, and mail programs send neither a cookie nor a CSRF token.
@method_decorator([never_cache, csrf_exempt], name="dispatch")
class StopMailPage(TemplateView):
    """Lets a person stop their mails without signing in; a mail program can do so with a single
    request."""

    template_name = "workbench/stop_mail.html"

    @cached_property
    def person(self) -> User:
        try:
            person = OF_PERSON.reader(self.kwargs["token"])
        except BadSignature:
            raise Http404 from None
        if person is None:
            raise Http404
        return person

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._show(self.person, has_ended=False)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        language = get_language() or settings.LANGUAGE_CODE
        none = {"digest": DigestPeriod.NEVER, "notices": False}
        MailPreference.objects.update_or_create(
            user=self.person, defaults=none, create_defaults=none | {"language": language}
        )
        return self._show(self.person, has_ended=True)

    def _show(self, person: User, has_ended: bool) -> HttpResponse:
        return self.render_to_response(self.get_context_data(has_ended=has_ended))


@method_decorator([never_cache, csrf_protect], name="dispatch")
class ForgottenPasswordPage(FormView):
    """Takes an address to which a link to set a password is to be sent.

    The account is looked up only when the mail is written, so that page and response time do not
    reveal whether there is one.
    """

    template_name = "workbench/forgotten_password.html"
    form_class = AddressForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.MAIL_ENABLED:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        caller = {"caller": client_address(self.request), "kind": MailKind.PASSWORD}
        return super().get_form_kwargs() | caller

    def form_valid(self, form: AddressForm) -> HttpResponse:
        Mail.objects.post_to_address(
            MailKind.PASSWORD,
            form.cleaned_data["email"],
            once_in=PASSWORD_MAIL_PAUSE,
            at=timezone.now(),
            language=get_language() or settings.LANGUAGE_CODE,
        )
        return self.render_to_response(self.get_context_data(form=form, asked=True))
