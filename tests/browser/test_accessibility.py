"""axe finds no violation of WCAG A and AA on the public pages and the tracker's admin pages."""

from datetime import date
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import resolve

from commitments.access.mail_links import OF_FOLLOWER, OF_PERSON
from commitments.admin.workbench.urls import urlpatterns
from commitments.models import Commitment, Follower, Following, Mail, Partnership
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.methodology import ASSESSMENTS
from tests.staff_pages import WITHOUT_PAGES, record_pages, workbench_pages
from tests.steps import (
    NOW,
    RESOLUTION,
    STATEMENT,
    draft,
    edited,
    published,
    record_loaded,
    retracted,
    returned,
    submitted,
)
from tests.words import en_zh

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

# What margins of 12 mm leave of A4, in pixels.
PORTRAIT, LANDSCAPE = 703, 1031
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 900}
# Of no page: its address shows the page of the error.
MISSING = "no-such-page/"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def world(plan, reporter, reviewer, curator, administrator):
    """Commitments with every status, and rows for every part of the pages."""
    goal, area = GoalFactory(plan=plan, number=1), AreaFactory(plan=plan, number=1)
    forum = ForumFactory(code="ARF")
    statuses = {
        kind: [code for code, row in ASSESSMENTS.items() if kind in row.kinds]
        for kind in ("standing", "deliverable")
    }
    position = 0
    for kind, codes in statuses.items():
        for status in [*codes, None]:
            position += 1
            row = CommitmentFactory(
                plan=plan,
                number=f"1.{position}",
                position=position,
                kind=kind,
                due_on=date(2025, 1, 1) if kind == "deliverable" else None,
                goal=goal,
                area=area,
            )
            Partnership.objects.create(commitment=row, forum=forum, quote=en_zh("the forum"))
            note = en_zh("Nothing was found in the register.")
            assessment = {
                "status": status,
                "search_note": note,
                "evidence": [STATEMENT, RESOLUTION],
            }
            if status:
                first = published(row, reporter, reviewer, forums=[forum], **assessment)
    published(first.commitment, reporter, reviewer, corrects=first, summary=en_zh("Corrected."))
    retracted(first.commitment, reporter, reviewer)
    MilestoneFactory(commitment=first.commitment)
    Commitment.objects.get(number="1.1").supporting_offices.add(OfficeFactory(code="OFFICE"))
    record_loaded(plan)
    goal.title = en_zh("Rules for all", "人人守规则")
    change = edited(goal, curator)
    meeting = MeetingFactory(forum=forum, place=en_zh("Geneva", "日内瓦"), public=True)
    return {
        "meeting": meeting,
        "returned": returned(first.commitment, reporter, reviewer),
        "draft": draft(first.commitment, reporter),
        "submitted": submitted(first.commitment, reporter, corrects=None),
        "commitment": first.commitment,
        "change": change.seq,
    }


def violations(page):
    # At the end of a page its bar of buttons covers nothing.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    # With `preload`, axe would request style sheets at addresses that do not exist.
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response["violations"]
    return [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]


def show_missing_pages(page):
    """Let the page that is not there pass for one that is: the console would complain of it."""
    page.route(
        f"**/{MISSING}", lambda route: route.fulfill(response=route.fetch(), status=HTTPStatus.OK)
    )


def open_all(page):
    """Open all details, so that axe checks their content too."""
    for folded in page.query_selector_all("details:not([open]) > summary"):
        if folded.is_visible():
            folded.click()


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        ("en", "light", DESKTOP),
        ("en", "dark", PHONE),
        ("zh-hans", "light", PHONE),
        ("zh-hans", "dark", DESKTOP),
    ],
)
def test_public_pages(browse, world, language, scheme, size):
    number = world["commitment"].number
    page = browse(color_scheme=scheme, viewport=size)
    show_missing_pages(page)
    wrong = {}
    for path in (
        "",
        "commitments/",
        "commitments/?status=active&q=forum",
        "commitments/?q=nothing&x=1",
        f"commitments/{number}/",
        f"commitments/{number}/?as_of=2026-07-01",
        f"commitments/{number}/history/",
        "goals/1/",
        "areas/1/",
        "offices/",
        "offices/OFFICE/",
        "forums/",
        "forums/ARF/",
        "forums/ARF/brief/",
        "meetings/",
        f"meetings/{world['meeting'].pk}/",
        "matrix/",
        "time/",
        "time/?kind=standing&goal=1&since=2020-01-01",
        "report/?from=2020-01-01",
        "report/?from=2020-01-02&to=2020-01-01",
        "changes/",
        "events/?event_type=participation",
        "changes/?action=retract",
        f"changes/{world['change']}/",
        "methodology/",
        "data/",
        "search/?q=forum",
        "../",
        MISSING,
        "../ledger/",
        "../accessibility/",
        "../../admin/login/",
    ):
        page.goto(f"/{language}/PLAN/{path}")
        open_all(page)
        found = violations(page)
        if found:
            wrong[path] = found
    for path in ("", "forums/ARF/", f"commitments/{number}/"):
        page.goto(f"/embed/{language}/PLAN/{path}")
        if found := violations(page):
            wrong[f"embed {path}"] = found
    assert wrong == {}


# A desktop of 1280 pixels enlarged to 400 % and 200 %.
@pytest.mark.parametrize("wide", [320, 640])
def test_public_pages_do_not_scroll_sideways_on_a_phone_or_when_enlarged(browse, world, wide):
    page = browse(viewport={"width": wide, "height": 740})
    show_missing_pages(page)
    number = world["commitment"].number
    paths = (
        "",
        "commitments/",
        f"commitments/{number}/",
        "forums/",
        "forums/ARF/",
        "matrix/",
        "time/?since=2020-01-01",
        "forums/ARF/brief/",
        "meetings/",
        f"meetings/{world['meeting'].pk}/",
        "report/?from=2020-01-01",
    )
    paths += (
        "goals/1/",
        "changes/",
        "events/",
        "methodology/",
        "data/",
        "../ledger/",
        "../accessibility/",
    )
    paths += ("search/?q=forum", "areas/1/", "offices/", "offices/OFFICE/", "../", MISSING)
    paths += (f"commitments/{number}/history/", "offices/OFFICE/history/", "history/")
    paths += (f"changes/{world['change']}/",)
    for path in paths:
        for language in ("en", "zh-hans"):
            page.goto(f"/{language}/PLAN/{path}")
            open_all(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width == wide, (language, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_with_more_contrast(browse, world, scheme):
    page = browse(color_scheme=scheme, contrast="more", viewport=DESKTOP)
    wrong = {}
    number = world["commitment"].number
    for path in ("", "commitments/", f"commitments/{number}/", "forums/", "time/", "methodology/"):
        page.goto(f"/en/PLAN/{path}")
        assert page.evaluate("matchMedia('(prefers-contrast: more)').matches")
        open_all(page)
        if found := violations(page):
            wrong[path] = found
    assert wrong == {}


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh-hans", "dark")])
def test_pages_of_readers_who_follow_by_mail_and_of_forgotten_passwords(
    browse, plan, duty, reporter, sends_mail, language, scheme
):
    page = browse(color_scheme=scheme, viewport={"width": 320, "height": 740})
    reader = Follower.objects.create(email="reader@example.org", language=language)
    asked = {"follower": reader, "plan": plan, "asked_at": NOW}
    Following.objects.create(subject_type="plan", confirmed_at=NOW, **asked)
    Following.objects.create(subject_type="commitment", subject_key=duty.number, **asked)
    token = OF_FOLLOWER.token(reader)
    own = OF_PERSON.token(reporter)
    wrong = {}
    for path in (
        f"/{language}/PLAN/follow/",
        f"/{language}/following/{token}/",
        "/admin/password/",
        f"/admin/mail/stop/{own}/",
    ):
        page.goto(path)
        wrong[path] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
    page.goto(f"/{language}/PLAN/commitments/{duty.number}/follow/")
    page.locator("input[type=email]").fill("another@example.org")
    with page.expect_navigation():
        page.locator("main input[type=submit]").click()
    wrong["asked"] = violations(page)
    assert Mail.objects.get().address == "another@example.org"
    page.goto(f"/{language}/following/{token}/")
    with page.expect_navigation():
        page.locator("button[name=confirm]").click()
    assert Following.objects.confirmed().count() == 2
    with page.expect_navigation():
        page.locator("button[name=end_all]").click()
    assert not Follower.objects.exists()
    assert {path: found for path, found in wrong.items() if found} == {}


def test_no_page_of_the_workbench_is_left_out(world):
    addresses = [path for paths in workbench_pages(world).values() for path in paths]
    looked_at = {resolve(urlsplit(address).path).url_name for address in addresses}
    assert {row.name for row in urlpatterns} - looked_at == WITHOUT_PAGES


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_the_workbench(browse, world, locale, scheme):
    wrong = {}
    for name, addresses in workbench_pages(world).items():
        page = browse(User.objects.get(username=name), locale=locale, color_scheme=scheme)
        for address in addresses:
            answer = page.goto(address)
            assert answer.status == 200, address
            open_all(page)
            if found := violations(page):
                wrong[address] = found
    # Who administers is signed in now: a sheet, before it is loaded.
    page.goto("/admin/people/")
    page.fill("#pasted", "username\troles\toffices\nofficer\treporter\tOFFICE\nsecond\treporter\t")
    page.click("button[name=check]")
    page.locator("button[name=load]").wait_for()
    if found := violations(page):
        wrong["sheet of people"] = found
    page.goto("/admin/planning/PLAN/")
    page.fill("#pasted", "number\tlead_office\n1.1\tOFFICE\n1.2\tNONE")
    page.click("button[name=check]")
    page.locator("main [role=alert]").first.wait_for()
    if found := violations(page):
        wrong["sheet of offices"] = found
    assert wrong == {}


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "dark"), ("zh-CN", "light")])
def test_the_pages_of_records(browse, world, administrator, locale, scheme):
    page = browse(administrator, locale=locale, color_scheme=scheme)
    wrong = {}
    for address in record_pages(administrator):
        page.goto(address)
        open_all(page)
        if found := violations(page):
            wrong[address] = found
    commitment = world["commitment"]
    page.goto("/admin/commitments/commitment/")
    page.locator(f"input[name=_selected_action][value='{commitment.pk}']").check()
    page.select_option("select[name=action]", "assign")
    page.locator("button[name=index]").click()
    page.locator("#id_reason").wait_for()
    if found := violations(page):
        wrong["assign"] = found
    assert wrong == {}


def test_staff_pages_do_not_scroll_sideways_on_a_phone(browse, world, administrator):
    wide = {}
    pages = workbench_pages(world)
    pages["administrator"] += record_pages(administrator)
    for name, addresses in pages.items():
        page = browse(User.objects.get(username=name), viewport={"width": 360, "height": 740})
        for address in addresses:
            page.goto(address)
            open_all(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wide[address] = width
    assert wide == {}


def test_staff_pages_fit_on_paper(browse, world, administrator):
    """Lists and the planning table are printed on A4 in landscape, all else in portrait."""
    wide = {}
    pages = workbench_pages(world)
    pages["administrator"] += record_pages(administrator)
    for name, addresses in pages.items():
        page = browse(User.objects.get(username=name))
        page.emulate_media(media="print")
        for address in addresses:
            page.set_viewport_size({"width": PORTRAIT, "height": 1000})
            page.goto(address)
            room = PORTRAIT
            if page.locator("body.change-list, .planning").count():
                room = LANDSCAPE
                page.set_viewport_size({"width": room, "height": 700})
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > room or page.locator("nav.staff").is_visible():
                wide[address] = width
    assert wide == {}
