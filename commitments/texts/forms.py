"""Form field for texts in several languages: one input for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from commitments.texts.languages import (
    UNDETERMINED,
    best_match,
    canonical_tag,
    language_name_for_reader,
    reader_tag,
)
from commitments.texts.text import NO_TEXT, Text, html_marks
from commitments.texts.visible import with_plain_line_breaks

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Longer texts are written in boxes of several lines.
MAX_LINE_LENGTH = 500


class MultilingualWidget(forms.Widget):
    """An input for each of its `languages`, named `<name>_<tag>`; `label` is that of them all.

    Those after the first are folded until one of them has words.
    """

    languages: tuple[str, ...] = ()
    label: StrOrPromise = ""

    def __init__(self, long: bool = False, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        self.long = long

    def render(
        self,
        name: str,
        value: Mapping[str, str] | None,
        attrs: Mapping[str, str] | None = None,
        renderer: object = None,
    ) -> SafeString:
        words = value or {}
        base = (attrs or {}).get("id", f"id_{name}")
        others = {
            key: str(item)
            for key, item in (attrs or {}).items()
            if key.startswith("aria-") or (key == "disabled" and item)
        }
        rows = [
            (
                f"{base}_{tag}",
                _("Language of the source")
                if tag == UNDETERMINED
                else language_name_for_reader(tag),
                self._input(f"{name}_{tag}", words.get(tag, ""), f"{base}_{tag}", tag, others),
            )
            for tag in dict.fromkeys((*self.languages, *(tag for tag in words if words[tag])))
        ]
        row = '<div class="language-input"><label for="{}">{}</label>{}</div>'
        inputs = format_html_join("", row, rows[:1])
        if len(rows) > 1:
            is_open = any(words.get(tag) for tag in self.languages[1:])
            inputs += format_html(
                "<details{}><summary>{}</summary>{}</details>",
                SafeString(" open") if is_open else "",
                _("In other languages"),
                format_html_join("", row, rows[1:]),
            )
        group = '<div class="language-inputs" id="{}" role="group" aria-label="{}">{}</div>'
        return format_html(group, base, self.label, inputs)

    def _input(
        self, name: str, words: str, html_id: str, tag: str, others: Mapping[str, str]
    ) -> SafeString:
        marks = SafeString('dir="auto"') if tag == UNDETERMINED else html_marks(tag)
        aria = format_html_join("", ' {}="{}"', others.items())
        values = (name, html_id, marks, aria, words)
        if self.long:
            box = '<textarea name="{}" id="{}" rows="4" cols="80" {}{}>\n{}</textarea>'
            return format_html(box, *values)
        line = '<input type="text" class="vTextField" name="{}" id="{}" {}{} value="{}">'
        return format_html(line, *values)

    def value_from_datadict(
        self, data: Mapping[str, str], files: object, name: str
    ) -> dict[str, str]:
        """Return the words in each language on offer, and in any other that the data has: the form
        may have been shown before its plan was known."""
        start = f"{name}_"
        sent = (key.removeprefix(start) for key in data if key.startswith(start))
        others = [tag for tag in sent if canonical_tag(tag) == tag]
        return {tag: data.get(f"{name}_{tag}", "") for tag in (*self.languages, *others)}

    def value_omitted_from_data(self, data: Mapping[str, str], files: object, name: str) -> bool:
        return all(f"{name}_{tag}" not in data for tag in self.languages)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_{self.languages[0]}" if id_ and self.languages else id_


class MultilingualFormField(forms.Field):
    """A text with an input for each language on offer. `max_length` is the limit of each
    language.

    The order of the languages in a text decides which of them a reader sees who reads none: that on
    a form, which depends on who writes, is not stored.
    """

    widget: MultilingualWidget
    order: tuple[str, ...] = ()
    present: Text = NO_TEXT
    default_error_messages = {"long": _("At most %(longest)s characters.")}

    def __init__(self, *, max_length: int | None = None, **options: Any) -> None:
        self.max_length = max_length
        long = max_length is None or max_length > MAX_LINE_LENGTH
        super().__init__(widget=MultilingualWidget(long), **options)

    def offer(self, languages: Iterable[str], text: Text = NO_TEXT) -> None:
        """Offer these languages and those of the existing text, beginning with the language of the
        source, if it is among them, then the writer's. In a new text they come in the given
        order."""
        tags = tuple(dict.fromkeys((*languages, *text)))
        self.order, self.present = tags, text
        first = (UNDETERMINED, best_match(reader_tag(), tags))
        known = (tag for tag in first if tag is not None and tag in tags)
        self.widget.languages = tuple(dict.fromkeys((*known, *tags)))
        self.widget.label = self.label or ""

    def clean(self, value: Mapping[str, str] | None) -> Text:
        text = _text(value)
        self.validate(text)
        longest = max(map(len, text.values()), default=0)
        if self.max_length is not None and longest > self.max_length:
            message = self.error_messages["long"]
            raise forms.ValidationError(message, "long", {"longest": self.max_length})
        # Words that nobody has changed stay as they are stored, to the character.
        return text.ordered(self.order) if text != _text(self.present) else self.present

    def has_changed(
        self, initial: Mapping[str, str] | None, data: Mapping[str, str] | None
    ) -> bool:
        return not self.disabled and _text(initial) != _text(data)


def _text(words: Mapping[str, str] | None) -> Text:
    """Return the words as a text, without blanks around them."""
    given = words or {}
    return Text({tag: with_plain_line_breaks(each).strip() for tag, each in given.items()})


def offer_languages(form: forms.BaseForm, languages: Iterable[str]) -> None:
    """Offer these languages in all texts of a form."""
    offered = tuple(languages)
    for name, field in form.fields.items():
        if isinstance(field, MultilingualFormField):
            initial = form.get_initial_for_field(field, name)
            if not isinstance(initial, Mapping):
                # Words from the query string of an admin page, whose language is unknown.
                initial = form.initial[name] = NO_TEXT
            field.offer(offered, Text(initial))
