"""The form field of a text: the languages that it offers, and the order in which it stores them."""

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from commitments.texts.forms import MultilingualFormField, offer_languages
from commitments.texts.text import Text
from tests.admin.workbench.forms import shown
from tests.texts.test_text import TAGS
from tests.words import stored

pytestmark = pytest.mark.alike

# With blanks around them and breaks in them, as a program may store them.
TEXTS = st.dictionaries(TAGS, st.text(alphabet="ab \n会ع&<", max_size=8), max_size=5).map(Text)
READERS = st.sampled_from(["en", "zh-hans"])


class Page:
    """A form as a page shows it."""

    def __init__(self, form):
        self.text = f'<form data-draft="">{form.as_p()}</form>'


def form_with(text, languages, sent=None):
    class Form(forms.Form):
        words = MultilingualFormField(required=False)

    form = Form(sent, initial={"words": text})
    offer_languages(form, languages)
    return form


def sent_from(form, **typed):
    """Return what a browser sends of a form: breaks of lines as two characters."""
    sent = QueryDict(mutable=True)
    for name, [words] in (
        shown(Page(form)) | {name: [each] for name, each in typed.items()}
    ).items():
        sent[name] = words.replace("\n", "\r\n")
    return sent


@given(text=TEXTS, languages=st.lists(TAGS, min_size=1, unique=True), reader=READERS)
def test_a_text_that_nobody_changes_stays_as_it_is_stored_to_the_character(text, languages, reader):
    with translation.override(reader):
        sent = sent_from(form_with(text, languages))
        form = form_with(text, languages, sent)
        assert form.is_valid()
    assert stored(form.cleaned_data["words"]) == stored(text)
    assert not form.has_changed()


@pytest.mark.parametrize("reader", ["en", "zh-hans"])
def test_the_languages_of_a_changed_text_come_in_the_order_given_whoever_writes(reader):
    languages = ["ar", "zh", "en"]
    text = Text({"zh": "海洋", "en": "Sea", "fr": "Mer"})
    with translation.override(reader):
        sent = sent_from(form_with(text, languages), words_ar="بحر")
        form = form_with(text, languages, sent)
        assert form.is_valid()
    assert list(form.cleaned_data["words"]) == ["ar", "zh", "en", "fr"]
