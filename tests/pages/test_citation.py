"""How a status is cited, and the addresses that always show the same."""

import html
import re
from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import Decision
from commitments.pages.citation import TEX_ESCAPES, tex
from tests import steps
from tests.steps import NOW, TODAY, record_loaded
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("a_day_later")]

DUTY = "/en/PLAN/commitments/1.1/"
CITED = re.compile(r'<dt>([^<]+)</dt><dd class="cite">(.*?)</dd>', re.DOTALL)
LASTING = re.compile(r'<a class="lasting" href="http://testserver([^"]+)">')


def cited(client, address):
    """The citations on a page, by style, without the address."""
    page = client.get(address).text
    lasting = LASTING.search(page)[1]
    assert all(f"http://testserver{lasting}" in text for _style, text in CITED.findall(page))
    return {
        style: html.unescape(text).replace(f"http://testserver{lasting}", "ADDRESS")
        for style, text in CITED.findall(page)
    }


def latest():
    return Decision.objects.public().latest("seq").seq


@pytest.fixture
def active(duty, reporter, reviewer):
    return steps.published(duty, reporter, reviewer, status="active", evidence=[steps.RESOLUTION])


@pytest.mark.long
def test_the_proof_of_the_current_assessment_is_offered_once_a_checkpoint_has_it(
    client, active, duty, reporter, reviewer, ledger_key
):
    proof = f'href="/api/v1/updates/{active.pk}/proof/"'
    assert proof not in client.get(DUTY).text
    sign_checkpoint(ledger_key, NOW)
    assert proof in client.get(DUTY).text
    later = steps.published(duty, reporter, reviewer, status="partly_active")
    assert f"/updates/{later.pk}/proof/" not in client.get(DUTY).text
    sign_checkpoint(ledger_key, NOW)
    page = client.get(DUTY).text
    assert f"/updates/{later.pk}/proof/" in page
    assert proof not in page
    assert client.get(f"/api/v1/updates/{later.pk}/proof/").status_code == 200


def test_a_status_is_cited_in_each_style(client, active):
    assert cited(client, DUTY) == {
        "Text": "PLAN-1.1 “Take part in the forum”, A plan. Status on 2 July 2026: Active (Formally"
        " adopted record, assessed to 1 July 2026). Commitment tracker, ADDRESS",
        "APA": "Commitment tracker. (2026, July 1). PLAN-1.1 Take part in the forum, status on"
        " 2 July 2026: Active (assessed to 1 July 2026). Retrieved July 2, 2026, from ADDRESS",
        "GB/T 7714": "Commitment tracker. PLAN-1.1 Take part in the forum, status on 2 July 2026:"
        " Active (assessed to 1 July 2026)[EB/OL]. (2026-07-01)[2026-07-02]. ADDRESS.",
        "BibTeX": "@misc{PLAN-1.1-2026-07-02,\n"
        "  author = {{Commitment tracker}},\n"
        "  title = {{PLAN-1.1 Take part in the forum, status on 2 July 2026: Active (assessed to"
        " 1 July 2026)}},\n"
        "  year = {2026},\n"
        "  month = jul,\n"
        "  day = {1},\n"
        "  howpublished = {Commitment tracker},\n"
        "  note = {A plan},\n"
        "  url = {ADDRESS},\n"
        "  urldate = {2026-07-02}\n}",
    }


def test_who_runs_the_site_is_the_author(client, active, settings):
    settings.SITE_OPERATOR, settings.SITE_NAME = "The secretariat", "Progress"
    found = cited(client, DUTY)
    assert found["APA"].startswith("The secretariat. (2026, July 1). PLAN-1.1")
    assert found["APA"].endswith("1 July 2026). Progress. Retrieved July 2, 2026, from ADDRESS")
    assert found["GB/T 7714"].startswith("The secretariat. PLAN-1.1")
    assert "author = {{The secretariat}}" in found["BibTeX"]


def test_citations_are_in_the_readers_language(client, active):
    found = cited(client, DUTY.replace("/en/", "/zh-hans/"))
    assert found["GB/T 7714"] == (
        "承诺跟踪系统. PLAN-1.1 参与论坛，截至2026年7月2日的情况：持续履行（评估截至2026年7月1日）"
        "[EB/OL]. (2026-07-01)[2026-07-02]. ADDRESS."
    )
    assert found["APA"].startswith("承诺跟踪系统. (2026年7月1日). ")
    assert found["APA"].endswith("检索于2026年7月2日，ADDRESS")


def test_a_citation_of_an_earlier_day_says_so_in_every_style(
    client, active, duty, reporter, reviewer
):
    day = date(2025, 3, 1)
    steps.published(duty, reporter, reviewer, status="inactive", effective_on=day)
    found = cited(client, f"{DUTY}?as_of=2025-12-31")
    for text in found.values():
        assert "tatus on 31 December 2025: Not acted on" in text
        assert "assessed to 1 March 2025)" in text


def test_every_style_has_the_day_of_the_latest_publication_that_counts(
    client, active, duty, reporter, reviewer
):
    day = date(2025, 3, 1)
    steps.published(
        duty, reporter, reviewer, NOW + timedelta(hours=20), status="inactive", effective_on=day
    )
    found = cited(client, f"{DUTY}?as_of=2025-12-31")
    assert "(2026, July 2)" in found["APA"]
    assert found["GB/T 7714"].endswith("(2026-07-02)[2026-07-02]. ADDRESS.")
    assert "year = {2026},\n  month = jul,\n  day = {2}," in found["BibTeX"]


def test_every_style_says_that_an_assessment_has_lapsed(client, duty, reporter, reviewer):
    day = date(2022, 3, 1)
    steps.published(duty, reporter, reviewer, status="active", effective_on=day)
    for text in cited(client, DUTY).values():
        assert "lapsed, counts as unknown" in text
        assert "1 March 2022" in text


def test_what_was_never_assessed_is_cited_without_a_day(client, duty):
    record_loaded(duty.plan)
    found = cited(client, DUTY)
    assert found["APA"] == (
        "Commitment tracker. (n.d.). PLAN-1.1 Take part in the forum, status on 2 July 2026: "
        "Not yet assessed. Retrieved July 2, 2026, from ADDRESS"
    )
    assert " year = " not in found["BibTeX"]
    assert found["GB/T 7714"].endswith("Not yet assessed[EB/OL]. [2026-07-02]. ADDRESS.")


def test_signs_of_tex_in_a_title_are_escaped(client, active, duty):
    duty.title = en_zh("Spend 100% of R&D_funds {fast}")
    duty.save()
    assert r"Spend 100\% of R\&D\_funds \{fast\}" in cited(client, DUTY)["BibTeX"]


@given(st.text(alphabet="ab\\~^&%$#_{}", max_size=20))
def test_escaped_text_has_no_bare_sign_of_tex(text):
    rest = tex(text)
    for escape in sorted(set(TEX_ESCAPES.values()), key=len, reverse=True):
        rest = rest.replace(escape, "")
    assert not set(rest) & set(TEX_ESCAPES)


# Addresses that last


@pytest.mark.long
def test_the_address_shows_the_same_whatever_is_published_later(
    client, active, duty, reporter, reviewer
):
    address = LASTING.search(client.get(DUTY).text)[1]
    entry = Decision.objects.public().latest("seq").seq
    assert address == f"/at/2026-07-02/{entry}/en/PLAN/commitments/1.1/"
    steps.published(duty, reporter, reviewer, NOW + timedelta(days=2), status="contrary")
    with time_machine.travel(NOW + timedelta(days=900), tick=False):
        page = client.get(address, follow=True).text
        today = client.get(DUTY).text
    for text, status in ((page, "active"), (today, "contrary")):
        verdict = text[text.index('class="verdict-card"') : text.index('class="facts"')]
        assert f'data-status="{status}"' in verdict
    assert "Status on 2 July 2026: Active" in page


def test_before_the_first_entry_it_shows_nothing_that_was_published_later(client, active):
    page = client.get(f"{DUTY}?known_at=2026-01-01T00:00:00Z").text
    address = LASTING.search(page)[1]
    assert address == "/at/2026-01-01/0/en/PLAN/commitments/1.1/"
    there = client.get(address, follow=True).text
    verdict = there[there.index('class="verdict-card"') :]
    assert 'data-status="unassessed"' in verdict[: verdict.index("</section>")]
    assert LASTING.search(there)[1] == address


@pytest.mark.long
def test_the_page_it_leads_to_gives_the_same_address(client, active):
    address = LASTING.search(client.get(f"{DUTY}?as_of=2026-07-01").text)[1]
    assert LASTING.search(client.get(address, follow=True).text)[1] == address


@pytest.mark.long
@pytest.mark.parametrize(("here", "browser"), [("en", "zh-CN"), ("zh-hans", "en")])
def test_it_leads_to_the_page_in_the_language_that_was_chosen(client, active, here, browser):
    headers = {"accept-language": browser}
    page = client.get(f"/{here}/PLAN/commitments/1.1/?as_of=2026-07-01", headers=headers).text
    address = LASTING.search(page)[1]
    answer = client.get(address, headers=headers)
    assert answer.url.startswith(f"/{here}/PLAN/commitments/1.1/?as_of=2026-07-01&known_at=")
    there = client.get(answer.url, headers=headers).text
    other = {"en": "zh-hans", "zh-hans": "en"}[here]
    # The language switch keeps the day, and its page gives an address in its own language.
    [switch] = re.findall(rf'<a href="(/{other}/[^"]*)" lang=', there)
    switched = client.get(html.unescape(switch), headers=headers).text
    assert LASTING.search(switched)[1] == address.replace(f"/{here}/", f"/{other}/")


def test_without_a_language_it_leads_to_the_page_in_that_of_the_browser(client, active):
    entry = latest()
    answer = client.get(f"/at/{TODAY}/{entry}/PLAN/commitments/?kind=standing")
    assert answer.status_code == 302
    assert answer.url.startswith("/en/PLAN/commitments/?kind=standing&as_of=2026-07-01&known_at=")
    answer = client.get(f"/at/{TODAY}/{entry}/PLAN/", headers={"accept-language": "zh-CN"})
    assert answer.url.startswith("/zh-hans/PLAN/?as_of=")
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.long
def test_overview_forum_and_brief_have_such_an_address(client, active, forum, duty):
    duty.partnerships.create(forum=forum)
    for path in ("", "forums/FORUM/"):
        address = LASTING.search(client.get(f"/en/PLAN/{path}").text)[1]
        assert address.endswith(f"/PLAN/{path}")
        assert client.get(address, follow=True).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/at/2026-07-02/1/no/such/page/",
        "/at/2026-07-02/1/PLAN/api/",
        "/at/2026-07-02/1/en/no/such/page/",
        "/at/2026-07-02/1/en/en/PLAN/",
        "/at/2026-07-02/1/no/PLAN/",
        "/at/2026-07-02/999999/PLAN/",
        "/at/2026-07-02/99999999999999999999999/PLAN/",
        "/at/2026-07-02/x/PLAN/",
        "/at/2026-07-02/1//example.org/",
    ],
)
def test_other_addresses_are_not_found(client, active, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("day", ["yesterday", "2026-07", "20260702", "2030-01-01"])
def test_what_is_no_day_or_has_not_begun_has_no_address(client, active, day):
    assert client.get(f"/at/{TODAY}/{latest()}/PLAN/").status_code == 302
    assert client.get(f"/at/{day}/{latest()}/PLAN/").status_code == 404


def test_an_entry_that_is_not_public_has_no_address(client, active):
    internal = Decision.objects.exclude(pk__in=Decision.objects.public()).first()
    assert client.get(f"/at/{TODAY}/{internal.seq}/PLAN/").status_code == 404
