"""The staff side with a plan of 5,000 commitments: every page is small, and fast.

`python -m pytest -m long -s tests/admin/workbench/test_large_plan.py` prints the figures.
"""

import io
import time
from functools import partial

import pytest
import yaml
from django.core.management import call_command

from commitments.models import Commitment, Office
from tests.importing.test_large_plan import COUNT, FastDumper, large_plan
from tests.staff_pages import record_pages

# Of the processor, so that a busy machine fails nothing; several times what a page takes.
MAX_SECONDS = 2
MAX_BYTES = 200_000
SHEET_ROWS = 1000
MAX_SECONDS_OF_SHEET = 10
PAGES = (
    "/admin/",
    "/admin/log/",
    "/admin/log/?q=district 4999",
    "/admin/log/LARGE-1.1/",
    "/admin/planning/LARGE/",
    "/admin/meetings/",
    "/admin/planning/LARGE/?sort=due&q=district&page=3",
    "/admin/commitments/commitment/",
    "/admin/commitments/progressupdate/",
)

pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.alike]


def test_every_page_is_small_and_fast(tmp_path, client, reporter, curator, administrator, capsys):
    file = tmp_path / "plan.yaml"
    file.write_text(yaml.dump(large_plan(COUNT), Dumper=FastDumper, allow_unicode=True))
    call_command("load_plan", str(file), stdout=io.StringIO())
    for office in Office.objects.all():
        office.members.add(reporter)
    slow = {}
    pages = {
        reporter: PAGES,
        curator: PAGES,
        administrator: ["/admin/people/", *record_pages(administrator)],
    }
    for person, addresses in pages.items():
        client.force_login(person)
        for address in addresses:
            answer, seconds = _timed(partial(client.get, address))
            with capsys.disabled():
                print(f"{person.username} {address}: {seconds:.2f} s, {len(answer.content)} bytes")
            if seconds > MAX_SECONDS or len(answer.content) > MAX_BYTES:
                slow[person.username, address] = (seconds, len(answer.content))
    assert slow == {}
    client.force_login(curator)
    preview, seconds = _timed(lambda: _preview(client))
    loaded, more = _timed(lambda: _load(client, preview.context))
    with capsys.disabled():
        print(f"the preview of {SHEET_ROWS} rows: {seconds:.1f} s, {len(preview.content)} bytes")
        print(f"loading them: {more:.1f} s")
    assert len(preview.content) < MAX_BYTES
    assert loaded.status_code == 302
    assert Commitment.objects.filter(supporting_offices__isnull=False).count() >= SHEET_ROWS
    assert max(seconds, more) < MAX_SECONDS_OF_SHEET


def _timed(send):
    """Return an answer and the seconds of the processor that it took."""
    begun = time.process_time()
    answer = send()
    return answer, time.process_time() - begun


def _preview(client):
    """Return the page that shows what a sheet would change in two cells of each row."""
    code = Office.objects.first().code
    rows = Commitment.objects.in_order().values_list("number", flat=True)[:SHEET_ROWS]
    lines = [f"{number}\t-\t{code}" for number in rows]
    pasted = "\n".join(["number\tlead_office\tsupporting_offices", *lines])
    return client.post("/admin/planning/LARGE/", {"check": "1", "pasted": pasted})


def _load(client, shown):
    """Load the sheet that a page shows."""
    sent = {name: shown[name] for name in ("staged", "shown")}
    sent |= {"load": "1", "reason": "The council decided so."}
    return client.post("/admin/planning/LARGE/", sent)
