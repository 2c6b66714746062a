"""The forms of a draft's evidence, one for each piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import construct_instance
from django.forms.utils import ErrorDict
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base.dates import PlainDateField
from commitments.admin.workbench.preview import FilePreview, staged_preview, stored_preview
from commitments.admin.workbench.update_form import place_problem
from commitments.choices import EvidenceKind, Source
from commitments.exceptions import Problem, StoredFileChanged
from commitments.files import file_types, staging, storage
from commitments.files.faults import fault_words
from commitments.models import Evidence, ProgressUpdate
from commitments.texts.forms import MultilingualFormField, offer_languages
from commitments.texts.languages import UNDETERMINED
from commitments.texts.text import Text
from commitments.workflow import EVIDENCE_FIELDS, EvidenceChanges

# Placeholders for the fields of a source that are not valid yet while somebody types.
STAND_IN = {
    "title": Text({UNDETERMINED: "-"}),
    "url": "",
    "citation": "-",
    "language": "",
    "dated_on": None,
    "kind": EvidenceKind.REPORT,
}
# The evidence fields that the form takes from the model; a publisher is entered by its name.
COLUMNS_OF_EVIDENCE = tuple(name for name in EVIDENCE_FIELDS if name != "publisher")


def stored_file(evidence: Evidence) -> SafeString:
    """Return a link to the file of a piece of evidence with its size; a dash without a file."""
    if not evidence.file:
        return mark_safe("–")
    address = reverse("api:evidence-file", args=[evidence.pk])
    size = filesizeformat(evidence.file_size or 0)
    return format_html('<a href="{}">{}</a> ({})', address, evidence.file_name, size)


def stand_in(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a valid piece that stands in for an invalid one in checks of what an
    update lacks. It has the same source type; without one, it counts as the type that is needed."""
    source = fields.get("source") or Source.INDEPENDENT
    return {**STAND_IN, "source": source, "public": fields.get("public", True)}


class EvidenceForm(forms.ModelForm):
    """A file can be uploaded with a new piece of evidence only, and cannot be replaced.

    `staged` is the token of an upload that waits for the form; `copied` the id of a piece, of the
    update that is corrected, whose file the new piece shall have too. `owner` is who fills in the
    form, `default_language` that of a source whose language is not given.
    """

    owner = 0
    default_language = ""
    copyable: dict[str, Evidence] = {}

    url = forms.URLField(
        label=gettext_lazy("Link"), required=False, max_length=2000, assume_scheme="https"
    )
    publisher_name = forms.CharField(
        label=gettext_lazy("Published by"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "publishers"}),
    )
    upload = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)
    staged = forms.CharField(widget=forms.HiddenInput, required=False)
    copied = forms.CharField(widget=forms.HiddenInput, required=False)
    dated_on = PlainDateField(label=gettext_lazy("Source date"), required=False)

    class Meta:
        model = Evidence
        fields = list(COLUMNS_OF_EVIDENCE)
        widgets = {
            "citation": forms.Textarea(attrs={"rows": 2}),
            "language": forms.TextInput(
                attrs={"title": gettext_lazy("A tag such as en or pt-BR.")}
            ),
        }
        help_texts = {
            "public": gettext_lazy(
                "Internal evidence is visible to staff only and does not count towards the "
                "evidence level."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.publisher is not None:
            self.initial["publisher_name"] = str(self.instance.publisher)
        upload = self.fields["upload"]
        sentence = _(
            "Up to %(most)s MB. Accepted formats: %(allowed)s. Location and camera data are "
            "removed from photos."
        )
        limits = {"most": storage.max_megabytes(), "allowed": file_types.allowed_types()}
        upload.help_text = sentence % limits

    def begin_with_own_title(self) -> None:
        """Show the title in the language of the source first, in the field where people type it."""
        title = self.initial.get("title") or {}
        language = self.initial.get("language") or self.default_language
        if language in title and UNDETERMINED not in title:
            others = {tag: words for tag, words in title.items() if tag != language}
            self.initial["title"] = Text({UNDETERMINED: title[language], **others})
            # The field knows the title as it is stored, and now also as it is shown.
            cast("MultilingualFormField", self.fields["title"]).present = self.initial["title"]

    @property
    def is_stored(self) -> bool:
        return self.instance.pk is not None

    @property
    def stored_file(self) -> SafeString:
        return stored_file(self.instance)

    @property
    def kept_file(self) -> str:
        """The name of a file that need not be chosen again, "" if there is none."""
        waiting = staging.staged_name(self["staged"].value() or "", self.owner)
        copied = self._copied(self["copied"].value())
        return waiting or (copied.file_name if copied else "")

    @property
    def preview(self) -> FilePreview | None:
        """How the file is shown, if a browser can show it: that of a stored piece, or one that need
        not be chosen again."""
        token = str(self["staged"].value() or "")
        name = "" if self.is_stored else staging.staged_name(token, self.owner)
        if name:
            return staged_preview(token, name)
        piece = self.instance if self.is_stored else self._copied(self["copied"].value())
        return stored_preview(piece) if piece else None

    def _copied(self, key: object) -> Evidence | None:
        """Return the piece with this id whose file can be copied, None if it is not there."""
        piece = self.copyable.get(str(key or ""))
        is_there = piece is not None and piece.file.storage.exists(piece.file.name or "")
        return piece if is_there else None

    @property
    def is_link(self) -> bool:
        """Whether the form asks for a link first, and not for a citation."""
        only_cites = self.is_bound and self.add_prefix("url") not in self.data
        return not (self["citation"].value() or self.kept_file or only_cites)

    def clean(self) -> dict[str, Any]:
        """Refuse two titles in the language of the source, since the workflow would keep only one,
        and a staged file that no longer exists."""
        data: dict[str, Any] = super().clean() or {}
        language = data.get("language") or self.default_language
        if {UNDETERMINED, language} <= set(data.get("title") or ()):
            message = _("There are two titles in the language of the source, “%(tag)s”.")
            self.add_error("title", message % {"tag": language})
        if (data.get("staged") or data.get("copied")) and not (self.kept_file or data["upload"]):
            self.add_error("upload", _("The file is no longer there. Choose it again."))
        elif not data.get("upload"):
            self._check_copied(data)
        return data

    def _check_copied(self, data: Mapping[str, Any]) -> None:
        """Refuse to copy a file that is not the one that was recorded: the digest of the copy would
        be that of other content."""
        piece = self._copied(data.get("copied"))
        if piece is None or staging.staged_name(data.get("staged") or "", self.owner):
            return
        try:
            piece.open_file().close()
        except (FileNotFoundError, StoredFileChanged) as error:
            self.add_error("upload", fault_words(piece.file_name, error))

    def _post_clean(self) -> None:
        """Skip the checks of the model: the workflow makes them all."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)

    def fields_so_far(self) -> dict[str, object]:
        """Return the fields of this piece for a check of what an update lacks, with a placeholder
        for a file. A piece with mistakes is replaced by `stand_in`."""
        if self.errors:
            return stand_in(self.cleaned_data)
        has_file = not self.is_stored and (self.cleaned_data.get("upload") or self.kept_file)
        return self._columns() | ({"citation": "-"} if has_file else {})

    def fields_at_first(self) -> dict[str, object]:
        """Return the same for the copy with which a form begins."""
        fields = {name: self.initial.get(name) for name in COLUMNS_OF_EVIDENCE}
        fields["publisher"] = Text({UNDETERMINED: self.initial.get("publisher_name", "")})
        return fields | ({"citation": "-"} if self.initial.get("copied") else {})

    def fields_of_evidence(self) -> dict[str, object]:
        """Return the fields of this piece for the workflow, with the file of a new one."""
        upload = None if self.is_stored else self._upload()
        return self._columns() | ({} if upload is None else {"file": upload})

    def _columns(self) -> dict[str, object]:
        fields = {name: self.cleaned_data[name] for name in COLUMNS_OF_EVIDENCE}
        if not self.is_stored or "publisher_name" in self.changed_data:
            name = self.cleaned_data["publisher_name"]
            fields["publisher"] = Text({UNDETERMINED: name})
        return fields

    def _upload(self) -> object:
        data = self.cleaned_data
        if data.get("upload"):
            return data["upload"]
        waiting = staging.staged(data["staged"], self.owner)
        piece = self._copied(data["copied"])
        if waiting or piece is None:
            return waiting
        with piece.open_file() as file:
            return SimpleUploadedFile(piece.file_name, file.read())


class EvidenceFormSet(forms.BaseInlineFormSet):
    """The evidence of a draft in these languages, as the person with the id `owner` fills it in.

    `corrected` is the update that is corrected, whose files can be copied; `refused` as for
    `UpdateForm`.
    """

    def __init__(
        self,
        *args: Any,
        languages: Sequence[str],
        owner: int,
        corrected: ProgressUpdate | None = None,
        refused: Sequence[Problem] = (),
        **kwargs: Any,
    ) -> None:
        self.languages, self.owner, self.refused = languages, owner, refused
        self.corrected = corrected
        super().__init__(*args, **kwargs)

    @cached_property
    def _copyable(self) -> dict[str, Evidence]:
        pieces = self.corrected.evidence.exclude(file="") if self.corrected else ()
        return {str(piece.pk): piece for piece in pieces}

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Offer titles in the language of the source and in those of the plan."""
        super().add_fields(form, index)
        offer_languages(form, [UNDETERMINED, *self.languages])
        if isinstance(form, EvidenceForm):
            form.owner, form.copyable = self.owner, self._copyable
            form.default_language = self.languages[0]
            form.begin_with_own_title()

    def changes(self) -> EvidenceChanges:
        """Return the changes made in the forms, for the workflow."""
        return EvidenceChanges(
            add=[row.fields_of_evidence() for row in self._new_rows()],
            change={
                row.instance.pk: row.fields_of_evidence()
                for row in self._rows()
                if row.is_stored and row.has_changed()
            },
            remove=self._removed(),
        )

    def clean(self) -> None:
        """Show each problem at the form that its path names, else above all forms. What is wrong
        with a source that is to be removed does not matter."""
        removed: list[Any] = [row for row in self._all_rows if self._is_removed(row)]
        for row in removed:
            row._errors = ErrorDict()
        rows = self._by_key()
        for problem in self.refused:
            match problem.path:
                case ("evidence", key, *path) if key in rows:
                    place_problem(rows[key], problem, tuple(path))
                case ("evidence", *_path):
                    raise forms.ValidationError(problem.message)

    def changes_so_far(self) -> EvidenceChanges:
        """Return the changes for a check of what an update lacks; stored pieces whose forms have
        mistakes stay unchanged. Before anything is submitted, the changes are the copies."""
        if not self.is_bound:
            return EvidenceChanges(add=[row.fields_at_first() for row in self._all_rows])
        return EvidenceChanges(
            add=[row.fields_so_far() for row in self._new_rows()],
            change={
                row.instance.pk: row.fields_of_evidence()
                for row in self._rows()
                if row.is_stored and row.has_changed() and not row.errors
            },
            remove=self._removed(),
        )

    def numbered(self) -> list[tuple[int, EvidenceForm]]:
        """Return the rows that are not removed, each with the number that the page gives it."""
        rows = self._rows()
        return [(n, row) for n, row in enumerate(self._all_rows, 1) if row in rows]

    def number_of(self, key: object) -> int | None:
        """Return the number that the page gives to the row of the piece that a problem of the
        workflow names by this key; None if there is no such row."""
        row = self._by_key().get(key)
        return None if row is None else self._all_rows.index(row) + 1

    def _by_key(self) -> dict[object, EvidenceForm]:
        if not self.is_bound:
            return dict(enumerate(self._all_rows))
        new: dict[object, EvidenceForm] = dict(enumerate(self._new_rows()))
        return new | {str(row.instance.pk): row for row in self._rows() if row.is_stored}

    @property
    def _all_rows(self) -> list[EvidenceForm]:
        return cast("list[EvidenceForm]", self.forms)

    def _rows(self) -> list[EvidenceForm]:
        return [row for row in self._all_rows if not self._is_removed(row)]

    def _is_removed(self, row: EvidenceForm) -> bool:
        """Return whether a row is to be removed. Unlike Django's `deleted_forms`, this works while
        other rows have mistakes."""
        return self.is_bound and bool(row.cleaned_data.get(DELETION_FIELD_NAME))

    def _removed(self) -> list[int]:
        return [
            row.instance.pk for row in self._all_rows if row.is_stored and self._is_removed(row)
        ]

    def _new_rows(self) -> list[EvidenceForm]:
        return [row for row in self._rows() if not row.is_stored and row.has_changed()]


EvidenceForms = forms.inlineformset_factory(
    ProgressUpdate, Evidence, form=EvidenceForm, formset=EvidenceFormSet, extra=0
)


def copied_piece(piece: Evidence) -> dict[str, object]:
    """Return the initial data of the form of a new piece that is a copy of this one."""
    columns = {name: getattr(piece, name) for name in COLUMNS_OF_EVIDENCE}
    return {
        **columns,
        "publisher_name": str(piece.publisher or ""),
        "copied": str(piece.pk) if piece.file else "",
    }
