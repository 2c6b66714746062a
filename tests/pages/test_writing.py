"""How pages write times, days, lists and the words that name a forum, in both languages."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from commitments.templatetags import tracker
from commitments.texts.highlight import highlight_spans

pytestmark = pytest.mark.alike


@pytest.mark.parametrize(
    ("zone", "year", "written"),
    [
        ("Asia/Shanghai", 2026, "1 July 2026, 12:00 UTC+08:00"),
        ("Asia/Kathmandu", 2026, "1 July 2026, 09:45 UTC+05:45"),
        ("America/St_Johns", 2026, "1 July 2026, 01:30 UTC-02:30"),
        ("Asia/Shanghai", 1800, "1 July 1800, 12:05 UTC+08:05"),  # by the sun, seconds and all
    ],
)
def test_a_time_is_written_with_its_offset(zone, year, written):
    assert tracker.time_in(datetime(year, 7, 1, 4, tzinfo=UTC), zone) == written


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Asia/Shanghai", "2026年7月1日12时00分（北京时间）"),
        ("Europe/Paris", "2026年7月1日06时00分（中欧夏令时间）"),
        ("Asia/Kathmandu", "2026年7月1日09时45分（GMT+05:45）"),
    ],
)
def test_in_chinese_a_time_is_written_with_the_name_of_its_zone(zone, written):
    with translation.override("zh-hans"):
        assert tracker.time_in(datetime(2026, 7, 1, 4, tzinfo=UTC), zone) == written


@pytest.mark.parametrize(
    ("language", "items", "written"),
    [
        ("en", [], ""),
        ("en", ["SCO"], "SCO"),
        ("en", ["SCO", "UNGA"], "SCO and UNGA"),
        ("en", ["SCO", "UNGA", "HRC"], "SCO, UNGA and HRC"),
        ("zh-hans", ["SCO", "UNGA"], "SCO、UNGA"),
        ("zh-hans", ["SCO", "UNGA", "HRC"], "SCO、UNGA、HRC"),
    ],
)
def test_a_list_is_joined_as_the_readers_language_does(language, items, written):
    with translation.override(language):
        assert tracker.join_list(items) == written


@pytest.mark.parametrize(
    ("language", "precision", "written"),
    [
        ("en", "day", "1 September 2025"),
        ("en", "month", "September 2025"),
        ("en", "year", "2025"),
        ("zh-hans", "day", "2025年9月1日"),
        ("zh-hans", "month", "2025年9月"),
        ("zh-hans", "year", "2025年"),
    ],
)
def test_a_day_is_written_as_precisely_as_it_is_known(language, precision, written):
    with translation.override(language):
        assert tracker.on_day(date(2025, 9, 1), precision) == written


@pytest.mark.parametrize(
    ("quotes", "pieces"),
    [
        ({}, [("take part in the UN General Assembly", "")]),
        ({"UN": "UN"}, [("take part in the ", ""), ("UN", "UN"), (" General Assembly", "")]),
        (
            {"UN": "UN", "UNGA": "UN General Assembly"},
            [("take part in the ", ""), ("UN General Assembly", "UNGA")],
        ),
        ({"X": ""}, [("take part in the UN General Assembly", "")]),
        ({"T": "take"}, [("take", "T"), (" part in the UN General Assembly", "")]),
    ],
)
def test_words_that_name_a_forum_are_marked_the_longest_first(quotes, pieces):
    assert list(highlight_spans("take part in the UN General Assembly", quotes)) == pieces
