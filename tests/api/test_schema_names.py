"""Names in the OpenAPI document that generated clients take over are ours, not the generator's."""

import json

import pytest
from django.conf import settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.alike


@pytest.fixture(scope="module")
def document():
    return APIClient().get("/api/v1/schema/").json()


def test_every_list_of_codes_has_a_name_of_our_own(document):
    # Those that the generator makes up end like this.
    made_up = {name for name in document["components"]["schemas"] if name.endswith("Enum")}
    assert made_up - {"NullEnum", "BlankEnum"} == set()


def test_no_name_is_given_to_a_list_that_is_nowhere(document):
    given = set(settings.SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"])
    assert given - set(document["components"]["schemas"]) == set()


def test_access_tokens_are_described_as_bearer_tokens(document):
    scheme = document["components"]["securitySchemes"]["accessToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "knox" not in json.dumps(document).lower()
