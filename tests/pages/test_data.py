"""The page of a plan's data: every link works and is what it says, under the reader's clocks."""

import re
from copy import deepcopy
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from commitments.exports.tidy import TIDY_TABLES
from commitments.importing import plan_file, plan_load
from commitments.models import Plan
from tests.factories import CommitmentFactory, PlanFactory
from tests.fixtures.worlds import people, shared_world
from tests.pages.catalogues import linked_data
from tests.steps import NOW, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

PAGE = "/en/HARBOUR/data/"
DOWNLOAD = re.compile(r'<a href="([^"]+)" type="([^"]+)">(.*?)</a>', re.DOTALL)
CLOCKS = {"as_of": ["2026-06-30"], "known_at": ["2026-07-01T04:00:00+02:00"]}
UNDER_CLOCKS = "as_of=2026-06-30&known_at=2026-07-01T04:00:00%2B02:00"
# What the API has under the clocks; the rest is what it is now.
CLOCKED = ("commitments/", "updates/", "milestones/", "status/")


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def harbour(db, built):
    """A plan with areas, forums, offices and dates, without goals; with an update."""
    return deepcopy(built)


# The ends of the addresses of pages, files and pictures that know the clocks.
CLOCKED_PAGES = (
    "/time.csv",
    "/report/",
    "/report.docx",
    "/report.xlsx",
    ".svg",
    ".png",
    "/datapackage.json",
)


def build():
    reporter, reviewer, _curator = people()
    document = plan_file.read_plan_file("tests/data/harbour.yaml").value
    plan = plan_load.load_plan(document, at=NOW).plan
    row = plan.commitments.get(number="A.1")
    row.lead_office.members.add(reporter)
    published(row, reporter, reviewer, status="started", summary=en_zh("Begun."))
    return plan


def downloads(page):
    """Return the links of the page that state a media type: address, media type and words."""
    return [(unescape(found[0]), found[1], found[2]) for found in DOWNLOAD.findall(page)]


@pytest.mark.long
@pytest.mark.parametrize("query", ["", f"?{UNDER_CLOCKS}"])
def test_every_link_works_and_has_the_media_type_that_it_states(client, get_page, harbour, query):
    found = downloads(get_page(PAGE + query))
    assert len(found) > 20
    for address, media_type, _words in found:
        answer = client.get(address)
        stated = answer.headers["Content-Type"].partition(";")[0]
        assert (answer.status_code, stated) == (200, media_type), address
        if answer.streaming:
            list(answer)  # read to its end, it is closed


def test_the_clocks_are_kept_in_links_to_what_knows_them(get_page, harbour):
    for address, _media_type, _words in downloads(get_page(f"{PAGE}?{UNDER_CLOCKS}")):
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        given = {name: query[name] for name in CLOCKS if name in query}
        knows_them = parts.path.removeprefix("/api/v1/").startswith(CLOCKED)
        knows_them |= parts.path.endswith(CLOCKED_PAGES)
        table = TIDY_TABLES.get(parts.path.rpartition("/")[2].removesuffix(".csv"))
        known = set(table.parameters if table else CLOCKS if knows_them else ())
        assert given == {name: value for name, value in CLOCKS.items() if name in known}, address


def test_a_clock_that_is_not_understood_is_in_no_link(get_page, harbour):
    page = get_page(f"{PAGE}?as_of=garbage")
    assert "garbage" not in "".join(address for address, *_rest in downloads(page))


def groupings(page):
    addresses = [urlsplit(address) for address, *_rest in downloads(page)]
    queries = [parse_qs(parts.query) for parts in addresses if parts.path == "/api/v1/status/"]
    return [query.get("group_by", [None])[0] for query in queries]


def test_there_are_only_the_groupings_that_the_plan_has(get_page, harbour):
    assert groupings(get_page(PAGE)) == [None, "area", "forum", "office", "kind"]
    CommitmentFactory(plan=PlanFactory(code="BARE"))
    bare = get_page("/en/BARE/data/")
    assert groupings(bare) == [None, "kind"]
    assert "/api/v1/milestones/" not in bare
    assert "/api/v1/offices/" not in bare


def test_the_names_of_links_differ_though_many_say_the_same_format(get_page, harbour):
    names = [" ".join(words.split()) for *_rest, words in downloads(get_page(PAGE))]
    assert len(names) == len(set(names))


def test_the_licence_is_shown_or_its_absence(get_page, harbour):
    assert "No licence is stated for this plan." not in get_page(PAGE)
    bare = PlanFactory(code="BARE")
    assert "No licence is stated for this plan." in get_page("/en/BARE/data/")
    bare.licence = en_zh("Open for any use.")
    bare.save()
    assert "Open for any use." in get_page("/en/BARE/data/")


def test_the_program_that_keeps_a_copy_is_given_the_address_of_this_site(get_page, harbour):
    assert "python3 docs/mirror.py http://testserver/ copy.json" in get_page(PAGE)


def test_every_page_of_the_plan_and_the_list_lead_to_the_data(get_page, harbour):
    link = f'<a href="{PAGE}?as_of=2026-06-30">'
    assert get_page("/en/HARBOUR/changes/?as_of=2026-06-30").count(link) == 1
    assert get_page("/en/HARBOUR/commitments/?as_of=2026-06-30").count(link) == 2


def test_a_licence_with_an_address_is_named_by_it_everywhere(client, get_page, harbour):
    terms = "https://creativecommons.org/licenses/by/4.0/"
    Plan.objects.filter(pk=harbour.pk).update(licence_url=terms)
    page = get_page(PAGE)
    assert f'<a href="{terms}" rel="license">{terms}</a>' in page
    schema_org, dcat = linked_data(page)
    assert (schema_org["license"], dcat["dcterms:license"]) == (terms, {"@id": terms})
    package = client.get("/api/v1/data/HARBOUR/datapackage.json").json()
    assert [row["path"] for row in package["licenses"]] == [terms]
    assert f'<meta itemprop="license" content="{terms}">' in get_page("/en/HARBOUR/")


def test_the_page_costs_few_queries(client, harbour, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(f"{PAGE}?{UNDER_CLOCKS}")
