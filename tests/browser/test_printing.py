"""What is printed: the brief of the forum with the most commitments is one page of A4."""

import io
import re

import pytest
import time_machine
from django.core.management import call_command

from commitments import planfile, planload
from commitments.choices import Role
from tests.factories import UserFactory
from tests.steps import NOW

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def the_record(db):
    """The plan and the record that ship with the tracker."""
    planload.load(planfile.read("fixtures/iscc/plan.yaml"), at=NOW)
    for name, role in (("reporter", Role.REPORTER), ("reviewer", Role.REVIEWER)):
        UserFactory(username=name, roles=[role])
    with time_machine.travel("2026-11-25T12:00:00Z"):
        people = {"author": "reporter", "publish_as": "reviewer"}
        record = "fixtures/iscc/public-record.yaml"
        call_command("load_updates", record, stdout=io.StringIO(), **people)


def sheets(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_brief_of_the_fullest_forum_is_one_page(browse, the_record, language):
    page = browse()
    page.goto(f"/{language}/ISCC/forums/UN/brief/?as_of=2026-11-25")
    assert sheets(page.pdf(format="A4", prefer_css_page_size=True)) == 1
    page.goto(f"/{language}/ISCC/")
    assert sheets(page.pdf(format="A4", prefer_css_page_size=True)) > 1
