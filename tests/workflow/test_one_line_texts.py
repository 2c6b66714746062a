"""References, names of tokens and addresses have no signs that nobody sees or that break lines."""

import pytest

from commitments.access import tokens
from commitments.choices import Action
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import AccessToken, ProgressUpdate
from commitments.models.evidence import link_refusal
from tests.steps import NOW, REPORT, draft, perform, published

pytestmark = pytest.mark.alike

SEVERAL_LINES = "Line breaks and tabs are not allowed."
REFUSED = {
    "a\nb": SEVERAL_LINES,
    "a\tb": SEVERAL_LINES,
    "a\u2028b": SEVERAL_LINES,
    "a\x00b": "Control characters",
    "a\x9bb": "Control characters",
    "a\u202eb": "Signs that override the direction of text",
}


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_a_reference_is_one_line_of_what_is_seen(duty, reporter, text):
    with pytest.raises(InvalidInput) as refusal:
        draft(duty, reporter, external_ref=text)
    [problem] = [row for row in refusal.value.problems if row.path == ("external_ref",)]
    assert problem.message.startswith(REFUSED[text])
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_so_is_the_name_of_a_token(reporter, text):
    with pytest.raises(InvalidInput) as refusal:
        tokens.issue_token(reporter, text, at=NOW)
    [problem] = refusal.value.problems
    assert (problem.path, problem.code) == (("name",), "not_allowed")
    assert not AccessToken.objects.exists()


BROKEN = {
    "<": "In an address, < has to be written %3C.",
    '"': 'In an address, " has to be written %22.',
    "|": "In an address, | has to be written %7C.",
    "\\": "In an address, \\ has to be written %5C.",
    "{": "In an address, { has to be written %7B.",
    "\u202e": "In an address, U+202E has to be written %E2%80%AE.",
    "\u200f": "In an address, U+200F has to be written %E2%80%8F.",
    "\x7f": "In an address, U+007F has to be written %7F.",
}


@pytest.mark.parametrize("sign", BROKEN, ids=ascii)
def test_an_address_escapes_what_is_no_part_of_one(duty, reporter, reviewer, sign):
    address = f"https://example.org/a{sign}b"
    link = {**REPORT, "citation": "", "url": address}
    with pytest.raises(InvalidInput) as refusal:
        draft(duty, reporter, evidence=[link])
    assert BROKEN[sign] in [problem.message for problem in refusal.value.problems]
    update = published(duty, reporter, reviewer, evidence=[link | {"url": "https://example.org/"}])
    [piece] = update.evidence.all()
    details = {"evidence": piece.pk, "archived_url": address}
    with pytest.raises(ActionRefused) as refusal:
        perform(update, Action.ARCHIVE, reviewer, **details)
    assert BROKEN[sign] in [problem.message for problem in refusal.value.problems]


@pytest.mark.parametrize(
    "address",
    ["https://example.org/路径?q=a%7Cb&c='d'(e)*#f!", "https://[2001:db8::1]/~a;b=c,d@e:1+2"],
)
def test_other_signs_are_taken_as_they_are(address):
    assert link_refusal(address) == ""
