"""The page for a new draft, and the handling of its form when it is submitted again."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments import workflow
from commitments.access import policies
from commitments.admin.workbench.base import update_address
from commitments.admin.workbench.evidence_forms import COLUMNS_OF_EVIDENCE
from commitments.admin.workbench.log import ADDING, SAVED, DraftPage
from commitments.admin.workbench.new_sources import with_new_sources
from commitments.admin.workbench.update_form import UpdateForm
from commitments.choices import EDITABLE_STATES
from commitments.db import whole_number
from commitments.models import Commitment, Evidence, Meeting, ProgressUpdate
from commitments.texts.text import Text

# The parameter of the address that names the form by its key. A script adds it, so that going back
# after saving leads to the saved draft instead of a new form with the same words.
FORM = "form"
_KEY = re.compile("[0-9a-f]{32}")
# The fields that identify a source, apart from its title, publisher and file.
_PLAIN_COLUMNS = tuple(name for name in COLUMNS_OF_EVIDENCE if name != "title")


class NewDraftPage(DraftPage):
    """The form for a new draft on a commitment, given by its code; `?corrects=` makes it a
    correction, which begins as a copy, `?meeting=` a report from a meeting."""

    @property
    def commitment(self) -> Commitment:
        if not policies.may_report(self.user, self._named):
            raise Http404
        return self._named

    @cached_property
    def _named(self) -> Commitment:
        rows = Commitment.objects.by_codes([self.kwargs["code"]])
        return get_object_or_404(rows.prefetch_related("supporting_offices"))

    @cached_property
    def corrected(self) -> ProgressUpdate | None:
        named = self._id_in("corrects")
        if named is None:
            return None
        update = self.visible_update(named)
        if update.commitment_id != self.commitment.pk:
            raise Http404
        return update

    @cached_property
    def meeting(self) -> Meeting | None:
        named = self._id_in("meeting")
        return None if named is None else get_object_or_404(Meeting, pk=named)

    def _id_in(self, parameter: str) -> int | None:
        return whole_number(self.request.GET.get(parameter, ""))

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Show the form, or redirect: to the draft that this form created, if it was saved; to an
        update that can no longer be corrected, with the reason; or, for a person who may not report
        on the commitment, to the commitment's page, since desks link here for them too."""
        if not policies.may_report(self.user, self._named):
            messages.info(request, workflow.who_reports(self._named))
            page = reverse("admin:commitments_commitment_change", args=[self._named.pk])
            return HttpResponseRedirect(page)
        made = self._made_by(request.GET.get(FORM, ""))
        if made is not None:
            words = _("What you wrote here was saved before, as this update.")
            messages.info(request, self._with_link_to_new_form(words))
            return HttpResponseRedirect(update_address(made))
        refused = workflow.correction_problem(self.corrected) if self.corrected else None
        if self.corrected is None or refused is None:
            return super().get(request, *args, **kwargs)
        messages.error(request, refused.message)
        return HttpResponseRedirect(update_address(self.corrected))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not any(name in request.POST for name in ("check", *ADDING)):
            made = self._made_by(request.POST.get("request_key", ""))
            if made is not None:
                return self._sent_again(made)
        return super().post(request, *args, **kwargs)

    def _made_by(self, key: str) -> ProgressUpdate | None:
        """Return the draft that the form with this key created when it was first submitted."""
        if not _KEY.fullmatch(key):
            return None
        mine = ProgressUpdate.objects.filter(author=self.user.pk, commitment=self.commitment)
        return mine.filter(request_key=key).first()

    def _sent_again(self, made: ProgressUpdate) -> HttpResponse:
        """Answer a form that has already created a draft, as after a double click or a lost
        response. If its content differs from what was saved, show the form again and save
        nothing."""
        chosen = self.request.FILES.getlist("files")
        new = with_new_sources(self.request.POST, chosen, self.user, self._language)
        if not new.refused and self._has_same_words(new.data, made):
            if "submit" in self.request.POST and made.state in EDITABLE_STATES:
                return self._after_saving(made)
            messages.success(self.request, _("This form was saved before, as this update."), SAVED)
            return HttpResponseRedirect(update_address(made))
        sentence = _(
            "This form was saved before, as update {update}. What you changed after that is still "
            "on this page and was not saved: open the update, and enter it there."
        )
        link = format_html('<a href="{}">{}</a>', update_address(made), made.pk)
        words = format_html(sentence, update=link)
        messages.warning(self.request, self._with_link_to_new_form(words))
        self._report_refused(new)
        forms = self._bound(self._kept(new.data), {})
        return self._form_again(forms, checked=False, is_unsaved=True)

    def _has_same_words(self, data: QueryDict, made: ProgressUpdate) -> bool:
        """Return whether a form has the content that was saved, as far as the two can be
        compared."""
        sent = self._bound(data, self.request.FILES)
        stored = self.visible_update(made.pk)
        form = UpdateForm(data, instance=stored, commitment=self.commitment, user=self.user)
        if data.get("argument") or not (sent.is_valid() and form.is_valid()):
            return False
        # Days are compared as they are typed; the first of a period may have been filled in.
        unseen = {"request_key", "expected_revision", "when"}
        unseen |= set() if data.get("covers_from") else {"covers_from"}
        if str(form.cleaned_data["when"]) != str(form.initial["when"]):
            return False
        added = Counter(_sent_source(fields) for fields in sent.evidence.changes().add)
        saved = Counter(_saved_source(piece) for piece in made.evidence.all())
        return unseen.issuperset(form.changed_data) and added == saved

    def _with_link_to_new_form(self, words: str) -> SafeString:
        """Return a sentence with a link to the form for another update."""
        query = self.request.GET.copy()
        query.pop(FORM, None)
        address = f"{self.request.path}?{query.urlencode()}".removesuffix("?")
        link = format_html('<a href="{}">{}</a>', address, _("Begin another update"))
        return format_html("{} {}", words, link)

    def _update_form(self, *args: Any, **options: Any) -> UpdateForm:
        """Give the form the key from the address, as after a reload."""
        form = super()._update_form(*args, **options)
        key = self.request.GET.get(FORM, "")
        if _KEY.fullmatch(key):
            form.initial["request_key"] = key
        return form

    def _restored(self, data: QueryDict) -> QueryDict:
        """Return the kept data of a form. If the form was saved before, its response was lost: add
        a message, and let the restored data begin another draft."""
        made = self._made_by(self.request.POST.get("request_key", ""))
        if made is None:
            return data
        sentence = _(
            "What this browser kept was saved before. Saved again, it makes another update."
        )
        link = format_html('<a href="{}">#{}</a>', update_address(made), made.pk)
        messages.warning(self.request, format_html("{} {}", sentence, link))
        data = data.copy()
        data["request_key"] = secrets.token_hex(16)
        return data


def _sent_source(fields: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what identifies a source that a form has sent. The words count, but not their
    language, which may only be determined on saving."""
    title, publisher, file = (fields.get(name) for name in ("title", "publisher", "file"))
    columns = [fields[name] for name in _PLAIN_COLUMNS]
    return (_words(title), _words(publisher), *columns, file.name if file else "")


def _saved_source(piece: Evidence) -> tuple[object, ...]:
    publisher = piece.publisher.name if piece.publisher else None
    columns = [getattr(piece, name) for name in _PLAIN_COLUMNS]
    return (_words(piece.title), _words(publisher), *columns, piece.file_name)


def _words(text: Text | None) -> tuple[str, ...]:
    return tuple(sorted(text.values())) if text else ()
