"""Paths that are kept are those of the reader's language and of the place of the site."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils.translation import override

from commitments.addresses import path_to

PAGE = "pages:commitment"


def test_a_path_is_that_of_the_active_language():
    for language in ("en", "zh-hans", "en"):
        with override(language):
            assert path_to(PAGE, "PLAN", "1.1") == f"/{language}/PLAN/commitments/1.1/"


def test_a_site_below_a_prefix_has_its_paths_there():
    assert path_to(PAGE, "PLAN", "1.1") == "/en/PLAN/commitments/1.1/"
    set_script_prefix("/tracker/")
    try:
        assert path_to(PAGE, "PLAN", "1.1") == "/tracker/en/PLAN/commitments/1.1/"
    finally:
        set_script_prefix("/")
    assert path_to(PAGE, "PLAN", "1.1") == "/en/PLAN/commitments/1.1/"


@pytest.mark.parametrize("number", ["三", "1 a", "ä", "1%2"])
def test_arguments_are_quoted_as_by_reverse(number):
    for _time in range(2):
        assert path_to(PAGE, "PLAN", number) == reverse(PAGE, args=["PLAN", number])


def test_an_unknown_route_is_refused_each_time():
    for _time in range(2):
        with pytest.raises(NoReverseMatch):
            path_to("pages:nowhere")
