"""The columns of texts are those of the plans' languages, those of labels the interface's."""

from types import SimpleNamespace

import pytest
from django.utils import translation

from commitments.choices import Status
from commitments.exports.columns import column, columns_in, label_columns, text_columns
from commitments.texts.text import Text

pytestmark = pytest.mark.alike

LISTED = (
    column("number", "number", "Number"),
    text_columns("area_title", "area.title", "Area"),
    label_columns("status_label", "status", Status, "Status"),
)
AREA = SimpleNamespace(title=Text({"es": "Aguas", "ar": "المياه"}))
ROW = SimpleNamespace(number="1.1", area=AREA, status=Status.COMPLETED)
WITHOUT_AREA = SimpleNamespace(number="1.2", area=None, status=Status.ACTIVE)


def names(*languages):
    return [each.name for each in columns_in(LISTED, languages)]


def cells(row, *languages):
    return [each.value(row) for each in columns_in(LISTED, languages)]


def test_a_text_has_a_column_for_each_language_in_their_order():
    labels = ["status_label_en", "status_label_zh-Hans"]
    assert names("es") == ["number", "area_title_es", *labels]
    assert names("zh-Hant", "ar") == ["number", "area_title_zh-Hant", "area_title_ar", *labels]
    assert names() == ["number", *labels]


def test_a_text_is_written_only_in_the_languages_that_it_has():
    row = ["1.1", "المياه", "", "Aguas", "Completed", "已完成"]
    assert cells(ROW, "ar", "en", "es") == row


def test_a_row_without_the_related_object_has_no_text():
    assert cells(WITHOUT_AREA, "es") == ["1.2", None, "Active", "持续履行"]


def test_a_row_without_a_code_has_no_label():
    uncoded = SimpleNamespace(number="1.3", area=None, status=None)
    assert cells(uncoded) == ["1.3", "", ""]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_labels_are_in_their_own_language_whatever_the_readers(language):
    with translation.override(language):
        assert cells(ROW) == ["1.1", "Completed", "已完成"]


def test_the_meaning_of_a_column_names_its_language_in_the_readers():
    meanings = [each.meaning for each in columns_in(LISTED, ["es"])]
    with translation.override("en"):
        assert [str(meaning) for meaning in meanings] == [
            "Number",
            "Area, in Spanish",
            "Status, in English",
            "Status, in Simplified Chinese",
        ]
    with translation.override("zh-hans"):
        assert str(meanings[1]) == "Area（西班牙语）"
