"""Which offices somebody may have meant, without taking long."""

from time import monotonic

import pytest

from commitments.curation.office_names import MAX_COMPARED, nearest_offices
from commitments.models import Office
from tests.words import en_zh

OFFICES = [
    Office(pk=1, code="MFA-CYBER", name=en_zh("Office for cyber affairs", "网络事务办公室")),
    Office(pk=2, code="CAC", name=en_zh("Cyberspace administration", "国家互联网信息办公室")),
]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("MFA-CIBER", ["MFA-CYBER"]),
        ("cyberspace", ["CAC"]),
        ("网信办", ["CAC"]),
        ("Ministry of nothing at all", []),
        ("", []),
    ],
)
def test_a_wrong_name_leads_to_those_like_it(words, codes):
    assert [office.code for office in nearest_offices(words, OFFICES)] == codes


def test_a_whole_paragraph_is_compared_with_nothing():
    begun = monotonic()
    assert nearest_offices("office " * MAX_COMPARED, OFFICES * 100) == []
    assert monotonic() - begun < 0.5
