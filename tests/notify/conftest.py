"""How a reader begins to follow."""

import re

import pytest

from commitments.models import Following
from tests.notify.readers import FOLLOW, READER, SITE
from tests.steps import NOW


@pytest.fixture
def follow(client, duty, time_machine, sends_mail, sent):
    """`follow(path)` fills in a form and returns the path that the mail gives to confirm."""

    def follow(path=FOLLOW, email=READER, at=NOW):
        time_machine.move_to(at, tick=False)
        client.post(path, {"email": email})
        mails = sent(at)
        return re.findall(rf"{SITE}(/\S*/following/\S*)", mails[0].body)[0] if mails else None

    return follow


@pytest.fixture
def following(follow, client):
    """`following(path)` follows and confirms; it returns the path of the reader's page."""

    def confirmed(path=FOLLOW, email=READER, at=NOW):
        page = follow(path, email, at)
        row = Following.objects.unconfirmed().get()
        client.post(page, {"confirm": row.pk})
        return page

    return confirmed
