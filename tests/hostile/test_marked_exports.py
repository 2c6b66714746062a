"""The mark in the texts of a plan is text in every file that pages lead to: no cell is a formula,
no name in a calendar or header is forged, no markup is in a document or a picture."""

import csv
import html
import io
import json
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import icalendar
import openpyxl
import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from commitments.models import Meeting, Plan
from tests.hostile.marked import FORMULA, MARK, SCRIPT, WHEN, acting, build_world

pytestmark = [pytest.mark.long, pytest.mark.alike, pytest.mark.django_db]

# Links of a page to other addresses of the site, without a fragment.
LINK = re.compile(r'(?:href|src|content)="(?:https?://(?:testserver|localhost))?(/[^"#]*)')
# Pages that lead to files, and files of the same kinds in many languages or sizes.
MAX_OF_A_KIND = 6


@pytest.fixture
def world(tmp_path):
    people = build_world(tmp_path)
    with time_machine.travel(WHEN, tick=False):
        yield people


def check_csv(content):
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    # A number may be negative; a text that begins so has an apostrophe.
    assert [cell for row in rows for cell in row if FORMULA.match(cell)] == []


def check_xlsx(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    links = [cell.hyperlink.target or "" for cell in cells if cell.hyperlink]
    assert [link for link in links if not link.startswith(("http://", "https://"))] == []
    check_parts(content)


def check_parts(content):
    """Each part in XML is well-formed, and has no element of the mark's."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(archive.read(name))
                assert not {"script", "img"} & {row.tag.rpartition("}")[2] for row in root.iter()}
            elif name.endswith(".csv"):
                check_tidy(archive.read(name))


def check_tidy(content):
    """CSV of the data packages is for programs, whose texts are as they were written."""
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def check_json(content):
    json.loads(content)


def check_xml(content):
    root = ElementTree.fromstring(content)
    assert "script" not in {row.tag.rpartition("}")[2] for row in root.iter()}
    text = content.decode()
    assert acting(text) == []
    assert SCRIPT not in text
    # A feed has markup as text, which its reader shows as a page.
    for row in root.iter():
        if row.get("type") == "html":
            assert acting(row.text or "") == []


def check_calendar(content):
    calendar = icalendar.Calendar.from_ical(content)
    names = {name for part in calendar.walk() for name in part}
    assert names <= CALENDAR_NAMES, names
    assert max(map(len, content.split(b"\r\n"))) <= 75


# The properties that our calendars may have.
CALENDAR_NAMES = {"VERSION", "PRODID", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME"}
CALENDAR_NAMES |= {"DESCRIPTION", "SOURCE", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"}
CALENDAR_NAMES |= {"LOCATION", "URL", "STATUS", "LAST-MODIFIED", "SEQUENCE", "TRANSP"}
CALENDAR_NAMES |= {"CATEGORIES", "CREATED", "CLASS", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"}
CHECKS = {
    "text/csv": check_csv,
    "application/json": check_json,
    "application/ld+json": check_json,
    "application/zip": check_parts,
    "application/atom+xml": check_xml,
    "application/xml": check_xml,
    "image/svg+xml": check_xml,
    "text/calendar": check_calendar,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": check_xlsx,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": check_parts,
}
# These must have been found, or the test sees nothing.
EXPECTED = {*CHECKS} - {"application/ld+json", "application/xml", "application/zip"}


def beginnings():
    plan = Plan.objects.get()
    commitment, meeting = plan.commitments.order_by("pk").first(), Meeting.objects.first()
    base = f"/en/{plan.code}"
    paths = ["", "data/", "report/", "time/", "meetings/", "changes/", "commitments/", "matrix/"]
    paths += ["forums/", f"commitments/{commitment.number}/", f"meetings/{meeting.pk}/"]
    return [f"{base}/{path}" for path in paths]


def files_from(client, pages):
    """Yield the address, media type and content of each file that these pages lead to."""
    seen, counted = set(), Counter()
    for page in pages:
        found = LINK.findall(html.unescape(client.get(page).text))
        for address in [page, *found]:
            kind = re.sub(r"\d+", "0", address.partition("?")[0])
            if address in seen or address.startswith("/static/") or "/logout/" in address:
                continue
            seen.add(address)
            counted[kind] += 1
            if counted[kind] > MAX_OF_A_KIND:
                continue
            answer = client.get(address)
            assert answer.status_code in (200, 302), (address, page, answer.status_code)
            if answer.status_code == 200:
                media_type = answer.headers["Content-Type"].partition(";")[0]
                for name in ("Content-Disposition", "Link", "Location"):
                    assert SCRIPT not in answer.headers.get(name, ""), (address, name)
                yield address, media_type, answer.getvalue()


def told_of(files, capsys):
    """Check each file by its media type; return how many there were of each."""
    counts, with_mark = Counter(), Counter()
    for address, media_type, content in files:
        counts[media_type] += 1
        with_mark[media_type] += b"alert(7)" in content
        if media_type in CHECKS:
            try:
                CHECKS[media_type](content)
            except AssertionError as error:
                raise AssertionError(f"{address}: {error}") from error
        elif media_type == "text/html":
            assert acting(content.decode()) == [], address
    with capsys.disabled():
        print(f"\n  files by their type: {dict(counts)}; with the mark: {dict(with_mark)}")
    return counts


def test_every_file_of_the_public_pages(world, client, capsys):
    counts = told_of(files_from(client, beginnings()), capsys)
    assert counts.keys() >= EXPECTED, EXPECTED - counts.keys()


def test_the_files_of_the_staff(world, capsys):
    client, plan = Client(), Plan.objects.get()
    client.force_login(User.objects.get(username="curator"))
    meeting = Meeting.objects.first()
    addresses = [f"/admin/planning/{plan.code}/sheet.{suffix}" for suffix in ("csv", "xlsx")]
    addresses += [f"/admin/meetings/{meeting.pk}/file/"]
    files = []
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        files.append((address, answer.headers["Content-Type"].partition(";")[0], answer.getvalue()))
    counts = told_of(files, capsys)
    assert counts.total() == len(addresses)


def test_the_mark_is_a_formula_where_nothing_is_done_about_it():
    """What the checks of this file would see."""
    with pytest.raises(AssertionError):
        check_csv(f'"{MARK.replace(chr(34), chr(34) * 2)}"\r\n'.encode())
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append([MARK])
    book.save(file)
    with pytest.raises(AssertionError):
        check_xlsx(file.getvalue())
    assert acting(f'<p title="{MARK}">')
    assert acting(f"<title>{MARK}")
