"""What is small and claims much costs little memory and time, wherever it comes in.

`python -m pytest -m long -s tests/hostile/test_memory.py` prints what each costs.
"""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.hostile.measured import measured
from tests.hostile.sheet_bombs import BOMBS

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    # openpyxl warns of parts that it does not know.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]

MAX_BYTES = 350 * 2**20
MAX_SECONDS = 30
PAGES = {"/admin/planning/PLAN/": "curator", "/admin/people/": "administrator"}


@pytest.fixture
def cheap(capsys):
    """`cheap(name, call)` returns the value of a call, and fails if it costs too much."""

    def cheap(name, call):
        value, peak, seconds = measured(call)
        with capsys.disabled():
            print(f"\n  {name}: {peak / 2**20:.0f} MB, {seconds:.1f} s, {value}")
        assert peak < MAX_BYTES, (name, peak)
        assert seconds < MAX_SECONDS, (name, seconds)
        return value

    return cheap


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", BOMBS)
def test_a_sheet(page, name, cheap, duty, curator, administrator):
    file_name, content = BOMBS[name]()

    def upload():
        client = Client(raise_request_exception=False)
        client.force_login(User.objects.get(username=PAGES[page]))
        sheet = SimpleUploadedFile(file_name, content)
        return client.post(page, {"check": "1", "sheet": sheet}).status_code

    assert cheap(f"{name} ({len(content)} bytes), {page}", upload) in (200, 302)
