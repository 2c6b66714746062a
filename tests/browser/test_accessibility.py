"""axe finds no violation of WCAG A and AA on the public pages and the tracker's admin pages."""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe

from commitments.models import Partnership, ProgressUpdate
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.methodology import ASSESSMENTS
from tests.steps import RESOLUTION, STATEMENT, draft, published, retracted, returned, submitted
from tests.words import en_zh

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def world(plan, reporter, reviewer, curator):
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
    OfficeFactory(code="OFFICE")
    return {
        "returned": returned(first.commitment, reporter, reviewer),
        "draft": draft(first.commitment, reporter),
        "submitted": submitted(first.commitment, reporter, corrects=None),
        "commitment": first.commitment,
    }


def violations(page):
    # With `preload`, axe would request style sheets at addresses that do not exist.
    found = Axe().run(page, options={"runOnly": RULES, "preload": False}).response["violations"]
    return [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]


def open_all(page):
    """Open all details, so that axe checks their content too."""
    for folded in page.query_selector_all("details:not([open]) > summary"):
        folded.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_public_pages(browse, world, language, scheme):
    number = world["commitment"].number
    page = browse(color_scheme=scheme)
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
        "forums/",
        "forums/ARF/",
        "forums/ARF/brief/",
        "matrix/",
        "time/",
        "time/?kind=standing&goal=1&since=2020-01-01",
        "changes/",
        "changes/?action=retract",
        "methodology/",
        "data/",
        "../ledger/",
        "../accessibility/",
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


def test_public_pages_do_not_scroll_sideways_on_a_phone(browse, world):
    page = browse(viewport={"width": 320, "height": 740})
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
    )
    paths += ("goals/1/", "changes/", "methodology/", "data/", "../ledger/", "../accessibility/")
    for path in paths:
        for language in ("en", "zh-hans"):
            page.goto(f"/{language}/PLAN/{path}")
            open_all(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width == 320, (language, path)


def test_the_desk_logging_review_and_assignment(browse, world, reporter, reviewer, curator):
    update, commitment = world["submitted"], world["commitment"]
    live = ProgressUpdate.objects.published().latest("pk")
    wrong = {}
    for person, paths in (
        (
            reporter,
            [
                "/admin/",
                "/admin/log/",
                f"/admin/log/{commitment.code}/",
                f"/admin/log/{live.commitment.code}/?corrects={live.pk}",
                f"/admin/updates/{world['returned'].pk}/",
                f"/admin/updates/{world['submitted'].pk}/",
                f"/admin/updates/{world['submitted'].pk}/recall/",
            ],
        ),
        (
            reviewer,
            [
                "/admin/",
                "/admin/review/",
                f"/admin/review/{update.pk}/",
                f"/admin/updates/{live.pk}/retract/",
                f"/admin/commitments/commitment/{commitment.pk}/history/",
            ],
        ),
        (
            curator,
            [
                "/admin/",
                "/admin/planning/PLAN/",
                "/admin/planning/PLAN/call/",
                "/admin/commitments/commitment/",
            ],
        ),
    ):
        page = browse(person)
        for path in paths:
            page.goto(path)
            open_all(page)
            if found := violations(page):
                wrong[path] = found
    page.goto("/admin/commitments/commitment/")
    page.locator(f"input[name=_selected_action][value='{commitment.pk}']").check()
    page.select_option("select[name=action]", "assign")
    page.locator("button[name=index]").click()
    page.locator("#id_reason").wait_for()
    if found := violations(page):
        wrong["assign"] = found
    assert wrong == {}
