"""A site as files: complete, without what is not public, and checked without the site."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from commitments.exceptions import ExportError
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey
from commitments.models import Evidence, ProgressUpdate
from commitments.operations.site_export import export_site
from commitments.operations.site_export.answers import AnonymousReader
from tests import record
from tests.factories import CommitmentFactory
from tests.fixtures.ledger_key import ORIGIN
from tests.fixtures.worlds import people, shared_world
from tests.full_disk import no_room
from tests.table_schema import package_errors

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.long]

SITE = "https://testserver"
AT = record.LATER + timedelta(days=1)
ADDRESS = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The record with a public file of evidence and a checkpoint, exported."""
    folder = tmp_path_factory.mktemp("export")
    with shared_world(django_db_blocker), time_machine.travel(AT, tick=False):
        world = record.create_record(*people())
        sign_checkpoint(SigningKey.generate(ORIGIN), AT)
        export_site(folder / "site", SITE, AT, progress=print)
        yield SimpleNamespace(folder=folder / "site", world=world)


@pytest.fixture
def folder(built):
    return built.folder


def pages(folder):
    return sorted(folder.rglob("*.html"))


def test_every_link_leads_to_a_file_of_the_export_or_to_the_site(folder):
    assert len(pages(folder)) > 100
    for page in pages(folder):
        for address in map(unescape, ADDRESS.findall(page.read_text())):
            parts = urlsplit(address)
            if parts.path and not parts.scheme:
                assert (page.parent / unquote(parts.path)).is_file(), (page, address)


def test_every_page_of_the_sitemap_is_in_it_in_each_language(folder):
    maps = ("site", "plans/ISCC")
    pages = [Client().get(f"/sitemaps/{name}.xml", secure=True).content.decode() for name in maps]
    addresses = re.findall(rf"<loc>{SITE}/([^<]+)</loc>", "".join(pages))
    assert len(addresses) > 50
    for address in addresses:
        assert (folder / unquote(address) / "index.html").is_file(), address


def test_a_page_says_in_its_language_that_it_is_a_copy_and_of_what(folder):
    for language, word in (
        ("en", "Copy of the site as of 2026-07-02"),
        ("zh-hans", "本页为网站截至"),
    ):
        page = (folder / language / "ISCC/commitments/9.1/index.html").read_text()
        assert word in page
        assert f'<a href="{SITE}/{language}/ISCC/commitments/9.1/">' in page


def test_its_first_page_leads_to_every_language_by_its_own_name(folder):
    page = (folder / "index.html").read_text()
    assert re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', page) == [
        ("en/index.html", "English"),
        ("zh-hans/index.html", "中文"),
    ]


def test_forms_lead_to_the_site(folder):
    page = (folder / "en/ISCC/commitments/index.html").read_text()
    forms = re.findall(r"<form[^>]*>", page)
    assert len(forms) > 1
    for form in forms:
        assert f'action="{SITE}/en/ISCC/' in form


def test_nothing_that_is_not_public_is_in_it(built):
    files = [path.read_bytes() for path in built.folder.rglob("*") if path.is_file()]
    hidden = [
        *(built.world.draft, built.world.submitted, built.world.returned, built.world.discarded),
    ]
    for update in hidden:
        assert not (built.folder / f"data/updates/{update.pk}").exists()
    listed = (built.folder / "data/updates.jsonl").read_text().splitlines()
    assert {json.loads(line)["id"] for line in listed}.isdisjoint({row.pk for row in hidden})
    for words in (b"Minutes 3/2026", b"other minutes", b"Name the meeting.", b"reporter@"):
        assert not any(words in content for content in files)
    assert ProgressUpdate.objects.count() == len(listed) + len(hidden)


def test_a_public_file_of_evidence_is_in_it_to_the_byte(folder):
    public = Evidence.objects.exclude(file="").filter(public=True).first()
    assert (folder / f"data/evidence/{public.pk}.pdf").read_bytes() == record.MINUTES


def test_the_tables_are_a_valid_package(folder):
    place = folder / "data/ISCC"
    package = json.loads((place / "datapackage.json").read_text())
    assert package_errors(package, lambda path: (place / path).read_bytes()) == []


def test_the_digests_are_those_of_all_files(folder):
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(done.stdout.splitlines()) == len(files) - 1


def check_ledger(folder, *options):
    command = [sys.executable, "-I", "docs/check_ledger.py", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_record_is_compared_with_the_ledger_without_the_site(folder):
    done = check_ledger(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The key is the tracker's own word" in done.stdout
    assert "4 updates; differences: 0" in done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("updates.jsonl", '"published"', '"retracted"'),
        ("ledger.jsonl", "The source was withdrawn.", "It was withdrawn."),
        ("contents.jsonl", "The second other wording.", "A third wording."),
        ("commitments.jsonl", "The second other wording.", "A third wording."),
        ("evidence/*.pdf", "%PDF", "%PDf"),
    ],
)
def test_a_changed_copy_is_told_from_the_ledger(folder, name, old, new):
    [file] = (folder / "data").glob(name)
    whole = file.read_text()
    assert old in whole
    try:
        file.write_text(whole.replace(old, new))
        done = check_ledger(folder)
    finally:
        file.write_text(whole)
    assert done.returncode == 1
    assert "differences: 0" not in done.stdout


def test_a_proof_of_a_publication_is_checked_by_itself(built):
    folder = built.folder / "data"
    key = (folder / "ledger/key").read_text().strip()
    place = folder / f"updates/{built.world.published.pk}"
    options = ["--proof", place / "proof.tlog-proof", "--key", key]
    command = [sys.executable, "-I", "docs/check_ledger.py", *options]
    command += ["--content", place / "content.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_copy_cannot_be_asked_for_a_quick_proof(folder, tmp_path):
    done = check_ledger(folder, "--quick", "--keep", str(tmp_path / "kept.json"))
    assert done.returncode == 2
    assert "cannot give" in done.stderr


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("site", "site exists already"), ("site.part", "part exists: .* If no other runs, delete it")],
)
def test_no_folder_is_written_into_twice(tmp_path, name, sentence):
    (tmp_path / name).mkdir()
    with pytest.raises(ExportError, match=sentence):
        export_site(tmp_path / "site", SITE, AT, progress=print)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"file/site cannot be made: .*Not a directory"):
        export_site(tmp_path / "file" / "site", SITE, AT, progress=print)
    with no_room(), pytest.raises(ExportError, match=r"site cannot be made: .*File too large"):
        export_site(tmp_path / "site", SITE, AT, progress=print)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_nothing_remains_if_a_page_fails(tmp_path, monkeypatch):
    get = AnonymousReader.get

    def failing(reader, address):
        return get(reader, "/nowhere/" if address == "/en/ISCC/" else address)

    monkeypatch.setattr(AnonymousReader, "get", failing)
    with pytest.raises(ExportError, match=f"{SITE}/nowhere/ answers with 404"):
        export_site(tmp_path / "site", SITE, AT, progress=print)
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_commitments_may_be_of_any_script_or_look_like_files(built, tmp_path):
    for number in ("（二）", "index.html"):
        CommitmentFactory(plan=built.world.published.commitment.plan, number=number)
    export_site(tmp_path / "site", SITE, AT, progress=print)
    folder = tmp_path / "site/en/ISCC/commitments"
    for number, name in (("（二）", "（二）"), ("index.html", "index.html_")):
        page = (folder / name / "index.html").read_text()
        assert f"ISCC-{number}" in page
        assert f'href="{name}/index.html"' in (folder / "index.html").read_text()


@pytest.fixture
def public_file():
    """A piece of evidence, and the path of its public file, which is put back afterwards."""
    item = Evidence.objects.exclude(file="").filter(public=True).first()
    path = Path(item.file.path)
    yield item, path
    path.write_bytes(record.MINUTES)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (Path.unlink, "is missing from storage"),
        (lambda path: path.write_bytes(b""), "does not match the recorded digest and size"),
    ],
    ids=["lost", "emptied"],
)
def test_a_damaged_file_is_named_and_left_out(tmp_path, public_file, capsys, damage, problem):
    item, path = public_file
    damage(path)
    with pytest.raises(CommandError) as refusal:
        call_command("export_site", str(tmp_path / "site"), address=SITE)
    assert refusal.value.returncode == 3
    assert "complete but for the files named above" in str(refusal.value)
    assert f"evidence {item.pk}.file: {problem}\n" in capsys.readouterr().err
    assert list((tmp_path / "site/data").glob("evidence/*")) == []
    assert f"data/evidence/{item.pk}." not in (tmp_path / "site/SHA256SUMS").read_text()
    code = item.update.commitment.number
    page = (tmp_path / f"site/en/ISCC/commitments/{code}/index.html").read_text()
    assert f'href="{SITE}/api/v1/evidence/{item.pk}/file/"' in page
    assert check_ledger(tmp_path / "site").returncode == 0


def test_what_the_site_asks_of_itself_is_not_counted(client, settings):
    settings.API_RATE = "1/day"
    reader = AnonymousReader(SITE)
    for _time in range(3):
        assert reader.get("/api/v1/ledger/head/").body
    answers = [client.get("/api/v1/ledger/head/").status_code for _time in range(2)]
    assert answers == [200, 429]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("testserver", "is not an address of a site"),
        ("https://testserver/tracker/", "is not an address of a site"),
        ("http://testserver", "is not an address of a site"),
        ("https://elsewhere.example.org", "is not in ALLOWED_HOSTS"),
    ],
)
def test_the_command_refuses_addresses_that_the_site_does_not_have(
    tmp_path, settings, address, problem
):
    settings.SECURE_SSL_REDIRECT = True
    with pytest.raises(CommandError, match=problem):
        call_command("export_site", str(tmp_path / "site"), address=address)


def test_the_command_says_how_many_files_there_are(tmp_path, capsys):
    call_command("export_site", str(tmp_path / "site"), address=f"{SITE}/")
    count = len((tmp_path / "site/SHA256SUMS").read_text().splitlines())
    assert f"{tmp_path}/site: {count} files." in capsys.readouterr().out
