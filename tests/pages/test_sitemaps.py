"""What search engines and previews read of the pages."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from tests import steps
from tests.examples import some
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    OfficeFactory,
    PlanFactory,
)

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


@pytest.fixture
def world(plan, duty, reporter, reviewer):
    GoalFactory(plan=plan, number=1)
    AreaFactory(plan=plan, number=2)
    duty.partnerships.create(forum=ForumFactory(code="UN"))
    ForumFactory(code="NOT-NAMED")
    steps.published(duty, reporter, reviewer, status="active")


@pytest.mark.long
@pytest.mark.sampled
def test_the_sitemap_has_every_page_in_each_language_and_all_are_there(client, world):
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [part.find(f"{SITEMAP}loc").text for part in index]
    assert parts == [f"http://testserver/sitemaps/{part}.xml" for part in ("site", "plans/PLAN")]
    roots = [ElementTree.fromstring(client.get(part).content) for part in parts]
    urls = [url for root in roots for url in root]
    addresses = [url.find(f"{SITEMAP}loc").text for url in urls]
    paths = {address.removeprefix("http://testserver") for address in addresses}
    pages = ["", "commitments/", "forums/", "matrix/", "events/", "time/", "changes/"]
    pages += [
        "data/",
        "report/",
        "methodology/",
        "goals/1/",
        "areas/2/",
        "commitments/1.1/",
        "forums/UN/",
    ]
    pages = ["", "ledger/", "accessibility/", *(f"PLAN/{page}" for page in pages)]
    assert paths == {f"/{code}/{page}" for code in ("en", "zh-hans") for page in pages}
    assert len(addresses) == len(paths)
    # Of each page a quick run asks for one language.
    asked = some(sorted(paths), kind=lambda path: path.split("/", maxsplit=2)[2])
    assert {client.get(path).status_code for path in asked} == {200}
    for url in urls:
        others = {link.get("hreflang"): link.get("href") for link in url.findall(LINK)}
        assert set(others) == {"en", "zh-hans"}
        assert set(others.values()) <= set(addresses)


def test_a_sitemap_is_of_a_plan_that_there_is(client, world):
    assert client.get("/sitemaps/plans/TOWN.xml").status_code == 404


def test_offices_are_listed_once_and_found_without_joining_what_they_lead_and_support(
    client, plan, django_assert_num_queries
):
    busy, helper, _stranger = (OfficeFactory(code=code) for code in ("BUSY", "HELPER", "STRANGER"))
    for row in CommitmentFactory.create_batch(2, plan=plan, lead_office=busy):
        row.supporting_offices.add(helper)
    for row in CommitmentFactory.create_batch(2, plan=plan):
        row.supporting_offices.add(busy)
    with django_assert_num_queries(8) as captured:
        content = client.get("/sitemaps/plans/PLAN.xml").content.decode()
    assert re.findall(r"<loc>http://testserver/en/PLAN/offices/(\w+)/", content) == [
        "BUSY",
        "HELPER",
    ]
    # A join would give a row for each pair of a commitment that it leads and one that it supports.
    [offices] = [row["sql"] for row in captured if 'FROM "commitments_office"' in row["sql"]]
    assert 'FROM "commitments_office" WHERE' in offices


def test_the_sitemap_of_a_plan_takes_as_many_queries_however_many_there_are(
    client, world, django_assert_num_queries
):
    CommitmentFactory.create_batch(5, plan=PlanFactory(code="OTHER"))
    for address, queries in (("/sitemap.xml", 1), ("/sitemaps/plans/PLAN.xml", 8)):
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_robots_may_read_every_page_but_not_what_filters_make_of_it_and_find_the_sitemap(
    client, world
):
    text = client.get("/robots.txt").text
    assert text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*?",
        "Allow: /*.png?",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def link(page, kind):
    return re.findall(rf'<link rel="{kind}" (?:hreflang="([^"]+)" )?href="([^"]+)">', page)


def test_a_page_names_its_own_address_and_that_in_the_other_language(client, world):
    page = client.get("/zh-hans/PLAN/commitments/?kind=standing&utm_source=mail").text
    rest = "PLAN/commitments/?kind=standing"
    assert link(page, "canonical") == [("", f"http://testserver/zh-hans/{rest}")]
    assert link(page, "alternate") == [
        ("en", f"http://testserver/en/{rest}"),
        ("zh-Hans", f"http://testserver/zh-hans/{rest}"),
        ("x-default", f"http://testserver/en/{rest}"),
    ]


def test_the_address_of_a_page_leaves_out_what_says_nothing(client, world):
    page = client.get("/en/PLAN/commitments/?q=&kind=standing&utm=1").text
    [address] = re.findall('rel="canonical" href="([^"]+)"', page)
    assert address == "http://testserver/en/PLAN/commitments/?kind=standing"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_preview_of_a_commitment_has_its_title_and_status(client, world, language):
    page = client.get(f"/{language}/PLAN/commitments/1.1/").text
    told = dict(re.findall(r'<meta [^>]*?property="([^"]+)" content="([^"]*)">', page))
    title, description = {
        "en": ("PLAN-1.1 Take part in the forum", "PLAN-1.1 Take part in the forum: Active"),
        "zh-hans": ("PLAN-1.1 参与论坛", "PLAN-1.1\u3000参与论坛：持续履行"),
    }[language]
    assert told["og:title"] == title
    assert told["og:description"] == description
    assert told["og:url"] == f"http://testserver/{language}/PLAN/commitments/1.1/"


LAPSED = {
    "en": "lapsed, counts as unknown; last assessed: Not acted on",
    "zh-hans": "评估结论已失效，计为“情况不明”；上次评估为未履行",
}


@pytest.mark.parametrize(("language", "words"), LAPSED.items())
def test_box_citation_and_preview_say_of_a_lapsed_assessment_what_it_counts_as(
    client, plan, reporter, reviewer, language, words
):
    duty = CommitmentFactory(plan=plan, number="7.1", position=7)
    day = date(2023, 1, 1)
    steps.published(duty, reporter, reviewer, status="inactive", effective_on=day)
    page = client.get(f"/{language}/PLAN/commitments/7.1/").text
    [described] = re.findall(r'<meta [^>]*?"og:description" content="([^"]*)">', page)
    assert words in described
    box = page[page.index('class="verdict-card"') : page.index("</section>")]
    cited = page[page.index('class="cite"') :]
    sentence = {"en": "lapsed, counts as unknown", "zh-hans": "已失效，计为“情况不明”"}[language]
    assert sentence in box
    assert sentence in cited


@pytest.mark.long
def test_a_plan_is_described_as_a_dataset_with_its_file(client, world):
    page = client.get("/en/PLAN/").text
    assert 'itemtype="https://schema.org/Dataset"' in page
    [file] = re.findall('itemprop="contentUrl" href="([^"]+)"', page)
    answer = client.get(file.replace("&amp;", "&"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    list(answer)  # read to its end, it is closed


@pytest.mark.long
def test_nothing_on_these_pages_is_inline_script_or_style(client, world):
    paths = ["", "commitments/1.1/", "matrix/", "forums/UN/brief/", "changes/", "data/"]
    for path in (*(f"PLAN/{path}" for path in paths), "ledger/", "accessibility/"):
        page = client.get(f"/en/{path}").text
        # Data for catalogues is no script, though it stands in an element of that name.
        assert "<script" not in page.replace('<script type="application/ld+json">', "")
        assert not re.search(r'<style|\sstyle="|\son\w+="', page)
