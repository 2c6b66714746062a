"""The evidence on the form of a draft: pasted links, chosen files, citations, and what is proposed
for them."""

import pytest

from commitments import workflow
from commitments.exceptions import StorageUnavailable
from commitments.files import staging, storage
from commitments.models import Evidence, ProgressUpdate
from commitments.workflow import EvidenceChanges
from tests import steps
from tests.admin.workbench.forms import LINK, entered, log_of, page_of, shown
from tests.files.sample_files import SAMPLES
from tests.links.odd_server import odd_server
from tests.steps import NOW, RESOLUTION, STATEMENT, draft, published, upload
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def send(signed_in, reporter, duty):
    """`send(…)` posts the form for a new update with these sources and fields."""

    def send(*sources, **fields):
        return signed_in(reporter).post(log_of(duty), entered(*sources, **fields))

    return send


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No title is asked for over the network."""
    monkeypatch.setattr("commitments.links.probe.LinkProbe.read_title", lambda probe: "")


def rows(answer):
    """Return the values of each row of the evidence that a page shows."""
    return [
        {name: row[name].value() for name in ("url", "kind", "source", "publisher_name", "staged")}
        for row in answer.context["forms"].evidence.forms
    ]


def test_several_links_are_pasted_at_once_and_nothing_is_saved_yet(send):
    answer = send(add="1", links="https://a.example/1\n https://b.example/2 https://a.example/1")
    assert [row["url"] for row in rows(answer)] == ["https://a.example/1", "https://b.example/2"]
    assert not ProgressUpdate.objects.exists()
    assert 'class="error"' not in answer.text
    assert "A meeting was held." in answer.text


def test_links_that_were_not_added_yet_are_saved_with_the_rest(send, duty, reporter, reviewer):
    published(duty, reporter, reviewer, evidence=[RESOLUTION])
    answer = send(links="https://example.org/another")
    # The title is missing, so the row comes back to be filled in.
    assert [row["url"] for row in rows(answer)] == ["https://example.org/another"]
    assert ProgressUpdate.objects.count() == 1


def test_what_most_links_to_a_site_are_is_proposed(send, duty, reporter, reviewer):
    other = RESOLUTION | {"url": "https://example.org/2", "kind": "news", "source": "independent"}
    for piece in (RESOLUTION, RESOLUTION | {"url": "https://example.org/3"}, other):
        published(duty, reporter, reviewer, evidence=[piece])
    [known, unknown] = rows(send(add="1", links="https://EXAMPLE.org/4 https://new.example/"))
    assert known | {"staged": None} == {
        "url": "https://EXAMPLE.org/4",
        "kind": "resolution",
        "source": "official",
        "publisher_name": "The assembly",
        "staged": None,
    }
    assert (unknown["kind"], unknown["publisher_name"]) == (None, None)


@pytest.mark.parametrize(("others", "proposed"), [([], "fr"), (["zh", "zh"], "en")])
def test_a_site_in_several_languages_proposes_none_of_them(
    others, proposed, send, duty, reporter, reviewer
):
    for number, language in enumerate(["fr", *others]):
        piece = RESOLUTION | {"url": f"https://example.org/{number}", "language": language}
        published(duty, reporter, reviewer, evidence=[piece])
    answer = send(add="1", links="https://example.org/new")
    [row] = answer.context["forms"].evidence.forms
    # Else it is that of the writer.
    assert row["language"].value() == proposed
    assert row["kind"].value() == "resolution"


def test_the_title_of_a_page_is_read_where_it_can_be_reached(send, settings, monkeypatch):
    monkeypatch.undo()
    with odd_server() as server:
        settings.LINK_CHECK_OPEN_HOSTS = [server.host]
        answer = send(add="1", links=f"http://{server.host}/titled http://{server.host}/gone")
    titles = [row["title"].value() for row in answer.context["forms"].evidence.forms]
    assert [bool(title.get("und")) for title in titles] == [True, False]


def test_addresses_are_taken_out_of_lines_and_a_line_without_one_is_named(send):
    answer = send(add="1", links="News: https://a.example/1 (today)\nsee there")
    assert [row["url"] for row in rows(answer)] == ["https://a.example/1"]
    assert "This line has no address that begins with http:// or https://: see there" in answer.text
    # It stays where it was typed.
    assert ">see there</textarea>" in answer.text


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("www.example.org/page", "https://www.example.org/page"),
        ("www.example.org:8080/x", "https://www.example.org:8080/x"),
        ("www.example.org.", "https://www.example.org"),
        ("un.example/page,", "https://un.example/page"),
        ("un.example", None),
        ("Report.pdf", None),
        ("see www.example.org", None),
        ("e.g.", None),
        ("3.2", None),
    ],
)
def test_an_address_may_lack_its_scheme(send, line, address):
    found = [row["url"] for row in rows(send(add="1", links=line))]
    assert found == ([address] if address else [])
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize(
    ("pasted", "addresses"),
    [
        ("（https://example.org/a.html）", ["https://example.org/a.html"]),
        (
            "https://example.org/b.html；https://example.org/c.html",
            ["https://example.org/b.html", "https://example.org/c.html"],
        ),
        ("见：https://example.org/d.html。", ["https://example.org/d.html"]),
        ("https://www.xinhuanet.com/x.htm，新华社", ["https://www.xinhuanet.com/x.htm"]),
        ("《https://example.org/e》、“https://example.org/f”", ["e", "f"]),
        ("(see https://example.org/g.html).", ["https://example.org/g.html"]),
        ("https://example.org/h, https://example.org/i;", ["h", "i"]),
        (
            "example.org/b，https://例え.jp/路径?x=1",
            ["https://example.org/b", "https://例え.jp/路径?x=1"],
        ),
        ("https://example.org/j; www.example.org.", ["j", "https://www.example.org"]),
        ("https://example.org/k (ftp://example.org/l, a@example.org/m)", ["k"]),
        ("https://example.org/wiki/Port_(town)", ["https://example.org/wiki/Port_(town)"]),
        ("(https://example.org/wiki/Port_(town)).", ["https://example.org/wiki/Port_(town)"]),
    ],
)
def test_punctuation_around_a_pasted_address_is_no_part_of_it(pasted, addresses, send):
    full = [row if "://" in row else f"https://example.org/{row}" for row in addresses]
    assert [row["url"] for row in rows(send(add="1", links=pasted))] == full


@pytest.mark.parametrize("sent", [{"add": "1"}, {"add": "1", "links": " \n "}])
def test_adding_nothing_saves_nothing_and_says_so(sent, send):
    answer = send(**sent)
    assert "Paste a link or choose a file first." in answer.text
    assert "A meeting was held." in answer.text
    assert not ProgressUpdate.objects.exists()


@pytest.mark.long
def test_the_language_of_a_new_source_is_that_of_the_writer(send, signed_in, reporter, duty):
    for tag, language in (("en", "en"), ("zh-CN", "zh")):
        answer = signed_in(reporter).post(
            log_of(duty),
            entered(add="1", links="https://a.example/1"),
            headers={"Accept-Language": tag},
        )
        assert answer.context["forms"].evidence.forms[0]["language"].value() == language


def test_a_row_that_was_just_added_is_not_called_wrong_yet(send):
    assert "aria-invalid" not in send(add="1", links="https://a.example/1").text


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("a.exe", b"MZ\0\0"), "a.exe: The file is of an unknown type"),
        (("a.pdf", b"no pdf"), "a.pdf: “a.pdf” is a TXT file"),
        (("a.pdf", SAMPLES["minutes.pdf"] + b" " * 100_000), "a.pdf: The file is larger than"),
    ],
)
def test_a_file_that_cannot_be_evidence_is_refused_when_it_is_added(file, sentence, send, settings):
    settings.EVIDENCE_MAX_BYTES = 100_000
    for sent in ({"add": "1"}, {}):
        answer = send(files=[upload(*file), upload()], **sent)
        assert sentence in answer.text
        assert [row.kept_file for row in answer.context["forms"].evidence.forms] == ["minutes.pdf"]
    assert not ProgressUpdate.objects.exists()


def test_nothing_is_proposed_from_what_one_may_not_see(send, office_duty, colleague):
    hidden = RESOLUTION | {"url": "https://secret.example/1", "publisher": "Secret"}
    draft(office_duty, colleague, evidence=[hidden])
    [row] = rows(send(add="1", links="https://secret.example/2"))
    assert row["publisher_name"] is None


def test_what_the_browser_has_kept_is_shown_again_with_its_rows(send, reporter):
    token = staging.stage(upload(), reporter.pk)
    sources = [LINK, {"title_en": "Minutes", "staged": token}]
    answer = send(*sources, restore="1")
    assert [row["title"].value()["en"] for row in answer.context["forms"].evidence.forms] == [
        "Resolution 1",
        "Minutes",
    ]
    assert answer.context["forms"].evidence.forms[1].kept_file == "minutes.pdf"
    assert not ProgressUpdate.objects.exists()


@pytest.mark.long
def test_what_is_restored_on_a_draft_changed_meanwhile_can_be_saved(signed_in, reporter, duty):
    update = draft(duty, reporter, evidence=[RESOLUTION, STATEMENT])
    client, page = signed_in(reporter), page_of(update)
    kept = shown(client.get(page)) | {"kept_revision": [update.revision], "restore": ["1"]}
    assert "was changed after you typed this" not in client.post(page, kept).text
    gone, stays = update.evidence.order_by("pk")
    workflow.edit_draft(
        update,
        by=reporter,
        at=NOW,
        expected_revision=update.revision,
        summary=en_zh("Newer."),
        evidence=EvidenceChanges(remove=[gone.pk]),
    )
    answer = client.post(page, kept | {"summary_en": "Older."})
    assert "was changed after you typed this" in answer.text
    restored = shown(answer) | {"save": ["1"]}
    assert client.post(page, restored).status_code == 302
    update.refresh_from_db()
    assert str(update.summary) == "Older."
    assert update.evidence.filter(pk=stays.pk).exists()
    assert update.evidence.count() == 2


def test_a_citation_is_entered_in_a_row_of_its_own(send):
    page = send(cite="1").text
    assert '<textarea name="evidence-0-citation"' in page
    cited = {"title_en": "Report 7", "citation": "The institute, Report 7, 2026."}
    assert send(cited).status_code == 302
    assert Evidence.objects.get().citation == "The institute, Report 7, 2026."


# Files


def test_several_files_are_chosen_at_once(send):
    answer = send(add="1", files=[upload(), upload("picture.png")])
    forms = answer.context["forms"].evidence.forms
    assert [row.kept_file for row in forms] == ["minutes.pdf", "picture.png"]
    assert [row["title"].value()["und"] for row in forms] == ["minutes", "picture"]
    sources = [{"staged": row["staged"].value(), "title_en": "A file"} for row in forms]
    assert send(*sources).status_code == 302
    names = Evidence.objects.order_by("pk").values_list("file_name", "file_type")
    assert list(names) == [("minutes.pdf", "application/pdf"), ("picture.png", "image/png")]


def stored_names():
    folders, _files = storage.evidence_storage().listdir("")
    return {
        f"{folder}/{name}"
        for folder in folders
        for name in storage.evidence_storage().listdir(folder)[1]
    }


def test_a_chosen_file_survives_a_mistake_elsewhere_in_the_form(send):
    at_first = stored_names()
    answer = send({"title_en": "Minutes", "upload": upload()}, when="soon")
    assert "the year first" in answer.text
    [row] = answer.context["forms"].evidence.forms
    assert row.kept_file == "minutes.pdf"
    waiting = stored_names() - at_first
    assert len(waiting) == 1
    assert send({"title_en": "Minutes", "staged": row["staged"].value()}).status_code == 302
    item = Evidence.objects.get()
    with item.file.open() as file:
        assert file.read() == SAMPLES["minutes.pdf"]
    # The evidence has a copy of its own; what waited is gone.
    assert stored_names() - at_first == {item.file.name}
    assert item.file.name not in waiting


def test_what_was_saved_is_saved_even_if_the_file_that_waited_cannot_be_deleted(
    send, reporter, monkeypatch
):
    def refuse(name):
        raise StorageUnavailable("403 Forbidden")

    token = staging.stage(upload(), reporter.pk)
    monkeypatch.setattr(storage.evidence_storage(), "delete", refuse)
    assert send({"title_en": "Minutes", "staged": token}).status_code == 302
    assert ProgressUpdate.objects.count() == 1


@pytest.mark.parametrize("in_memory", [0, 2**20])
def test_a_file_survives_what_the_workflow_refuses(send, settings, in_memory):
    # A larger upload is a temporary file.
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = in_memory
    at_first = stored_names()
    source = {"title_en": "Minutes", "upload": upload()}
    answer = send(source, status="completed")
    [row] = answer.context["forms"].evidence.forms
    assert row.kept_file == "minutes.pdf"
    assert not ProgressUpdate.objects.exists()
    [waiting] = stored_names() - at_first
    with storage.evidence_storage().open(waiting) as file:
        assert file.read() == SAMPLES["minutes.pdf"]


def test_another_file_takes_the_place_of_one_that_waits(send, reporter):
    token = staging.stage(upload(), reporter.pk)
    source = {"title_en": "A file", "staged": token, "upload": upload("picture.png")}
    assert send(source).status_code == 302
    assert Evidence.objects.get().file_name == "picture.png"


@pytest.mark.parametrize("broken", ["nonsense", ""])
def test_a_token_that_is_none_asks_for_the_file_again(broken, send, reporter):
    token = staging.stage(upload(), reporter.pk)
    answer = send({"title_en": "Minutes", "staged": broken or f"{token}x"})
    assert "The file is no longer there. Choose it again." in answer.text


def test_a_token_is_of_no_use_to_others(send, other_reporter):
    token = staging.stage(upload(), other_reporter.pk)
    answer = send({"title_en": "Minutes", "staged": token})
    assert "The file is no longer there. Choose it again." in answer.text
    assert staging.staged(token, other_reporter.pk) is not None


def test_a_stored_file_is_linked_and_cannot_be_replaced(send, signed_in, reporter, duty):
    assert send({"title_en": "Minutes", "upload": upload()}).status_code == 302
    update = ProgressUpdate.objects.get()
    item = update.evidence.get()
    page = signed_in(reporter).get(page_of(update)).text
    assert f'<a href="/api/v1/evidence/{item.pk}/file/">minutes.pdf</a>' in page
    row = {"id": item.pk, "update": update.pk, "title_en": "Better"}
    row["upload"] = upload("picture.png")
    sent = entered(row, expected_revision=update.revision)
    assert signed_in(reporter).post(page_of(update), sent).status_code == 302
    item.refresh_from_db()
    assert (item.title["en"], item.file_name) == ("Better", "minutes.pdf")


@pytest.mark.parametrize(
    ("sources", "sentence"),
    [
        (
            [{"upload": ("a.html", b"<p>")}],
            "The file is HTML, SVG or other markup, which is not accepted.",
        ),
        ([{"upload": ("a.pdf", b"")}], "The file is empty."),
        (
            [{"upload": ("minutes.pdf", None), "url": "https://example.org"}],
            "Give exactly one of the following: a link, a file or a citation.",
        ),
        (
            [{"upload": ("minutes.pdf", None)}, {"upload": ("again.pdf", SAMPLES["minutes.pdf"])}],
            "This update already contains this file, as “Minutes”.",
        ),
        ([{}], "Give exactly one of the following: a link, a file or a citation."),
    ],
)
def test_what_is_wrong_with_a_source_is_shown_beside_it_and_nothing_is_written(
    sources, sentence, send
):
    given = [
        {"title_en": "Minutes"}
        | {name: upload(*value) if name == "upload" else value for name, value in row.items()}
        for row in sources
    ]
    answer = send(*given)
    assert sentence in answer.text
    assert not ProgressUpdate.objects.exists()


def test_a_file_that_is_too_large_is_refused_beside_it(send, settings):
    settings.EVIDENCE_MAX_BYTES = 100_000
    large = steps.upload("a.pdf", SAMPLES["minutes.pdf"] + b" " * 100_000)
    answer = send({"title_en": "Minutes", "upload": large})
    assert "The file is larger than" in answer.text
    assert not ProgressUpdate.objects.exists()


def test_a_row_that_was_not_filled_in_is_no_source(send):
    empty = {"kind": "", "source": ""}
    assert send(LINK, empty).status_code == 302
    assert Evidence.objects.count() == 1
