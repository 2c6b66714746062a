"""docs/webhooks.md: its program tells genuine messages from others; its figures are the code's."""

import re
from pathlib import Path

import pytest
import time_machine

from commitments.choices import PUBLIC_ACTIONS
from commitments.notify.webhooks import MAX_DELIVERY_RUN, RETRY_PAUSES
from commitments.webhooks.sending import MAX_RETRY_AFTER, WEBHOOK_LIMITS
from commitments.webhooks.signatures import FORMER_SIGNS_FOR, new_secret, signed_headers
from tests import tours

pytestmark = pytest.mark.alike

PAGE = Path("docs/webhooks.md").read_text(encoding="utf-8")
SENT_AT = 1795608000


@pytest.fixture(scope="module")
def is_genuine():
    [program] = tours.code_blocks(PAGE, "python")
    assert len([line for line in program.splitlines() if line]) <= 14
    names = {}
    exec(program, names)
    return names["is_genuine"]


@pytest.mark.parametrize(
    ("seconds_later", "expected"), [(0, True), (299, True), (301, False), (-301, False)]
)
def test_a_message_is_genuine_for_five_minutes(is_genuine, seconds_later, expected):
    secret, body = new_secret(), '{"type":"publish","note":"…"}'.encode()
    headers = signed_headers([secret], "change-1-ab", SENT_AT, body)
    with time_machine.travel(SENT_AT + seconds_later, tick=False):
        assert is_genuine(secret, headers, body) is expected


def test_what_was_changed_or_signed_by_others_is_not_genuine(is_genuine):
    secret, former, body = new_secret(), new_secret(), b"{}"
    headers = signed_headers([secret, former], "change-1-ab", SENT_AT, body)
    with time_machine.travel(SENT_AT, tick=False):
        assert is_genuine(secret, headers, body)
        assert is_genuine(former, headers, body)
        assert not is_genuine(new_secret(), headers, body)
        assert not is_genuine(secret, headers, b"{ }")
        for name, value in (
            ("webhook-id", "change-2-ab"),
            ("webhook-timestamp", str(SENT_AT + 1)),
            ("webhook-signature", "v1,AAAA v1a,BBBB"),
        ):
            assert not is_genuine(secret, headers | {name: value}, body), name


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["", "soon", "9" * 5000, "٣", "v1,é", "\x00", None])
def test_whatever_anybody_sends_is_not_genuine_and_breaks_nothing(is_genuine, name, value):
    secret = new_secret()
    headers = signed_headers([secret], "change-1-ab", SENT_AT, b"{}")
    headers = {key: words for key, words in headers.items() if key != name}
    forged = headers if value is None else headers | {name: value}
    with time_machine.travel(SENT_AT, tick=False):
        assert is_genuine(secret, forged, b"{}") is False


def test_every_kind_of_change_is_listed():
    sentence = PAGE[PAGE.index("The types of changes are") :].partition("\nOthers")[0]
    assert re.findall(r"`([a-z_]+)`", sentence) == [action.value for action in PUBLIC_ACTIONS]


def test_the_times_are_those_of_the_code():
    minutes = [pause.total_seconds() / 60 for pause in RETRY_PAUSES]
    assert minutes == [5, 30, *(60 * hours for hours in (2, 5, 10, 14, 20, 24))]
    assert "5 minutes, 30 minutes, then 2, 5, 10, 14, 20 and 24 hours" in PAGE
    assert f"2xx within {WEBHOOK_LIMITS.total_seconds} seconds" in PAGE
    assert f"reads {WEBHOOK_LIMITS.max_bytes:,} bytes" in PAGE
    assert (FORMER_SIGNS_FOR.days, MAX_RETRY_AFTER.days) == (1, 1)
    assert (MAX_DELIVERY_RUN.total_seconds(), "for ten minutes at most" in PAGE) == (600, True)
