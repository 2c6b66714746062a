"""What a response was made of is released with it, not when garbage is collected."""

import gc

import pytest

from commitments.models import Commitment, Decision, RecordedContent
from tests.steps import published, record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@pytest.fixture
def no_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive(model):
    return sum(type(found) is model for found in gc.get_objects())


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("commitments/?fields=code", Commitment),
        ("contents/", RecordedContent),
        ("ledger/", Decision),
    ],
)
def test_rows_do_not_outlive_the_response_made_of_them(path, model, get, duty, reporter, reviewer):
    record_loaded(duty.plan)
    published(duty, reporter, reviewer)
    assert get(path)["results"]
    before = alive(model)
    get(path)
    assert alive(model) == before
