"""In a browser that would run any script, none of the marks in the texts of a plan runs: on the
public pages, pictures, cards for other sites, and the pages of the staff."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import User

from commitments.choices import EDITING_ACTIONS
from commitments.models import Decision, Forum, Meeting, Office, Plan, ProgressUpdate
from tests.hostile.marked import build_world
from tests.staff_pages import record_pages

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

# Whatever the mark does, it calls this.
NOTICE = "window.ran = 0; window.alert = () => { window.ran += 1; };"
HANDLERS = (
    "[...document.querySelectorAll('*')].filter(node => "
    "[...node.attributes].some(row => row.name.startsWith('on') || "
    "/^\\s*javascript:/i.test(row.value))).map(node => node.outerHTML.slice(0, 200))"
)


def public_addresses(plan):
    commitment, forum = plan.commitments.order_by("pk").first(), Forum.objects.first()
    office, meeting = Office.objects.first(), Meeting.objects.first()
    change = Decision.objects.public().filter(action__in=EDITING_ACTIONS).latest("seq")
    base = f"/en/{plan.code}"
    group = ("commitments", commitment.number), ("goals", 1), ("areas", 1), ("forums", forum.code)
    named = [f"{base}/{part}/{name}/" for part, name in (*group, ("offices", office.code))]
    lists = ("", "commitments/", "forums/", "offices/", "meetings/", "matrix/", "time/", "report/")
    more = ("changes/", "methodology/", "data/", "history/", "follow/", "search/?q=alert")
    return [
        "/en/",
        "/zh-hans/",
        "/en/ledger/",
        "/en/search/?q=alert",
        *(f"{base}/{path}" for path in (*lists, *more)),
        *named,
        *(f"{address}history/" for address in named),
        f"{base}/forums/{forum.code}/brief/",
        f"{base}/meetings/{meeting.pk}/",
        f"{base}/changes/{change.seq}/",
        f"/zh-hans/{plan.code}/commitments/{commitment.number}/",
        f"{base}/grid.svg",
        f"{base}/years.svg",
        f"/embed/en/{plan.code}/",
        f"/embed/en/{plan.code}/commitments/{commitment.number}/",
        f"/embed/en/{plan.code}/forums/{forum.code}/",
    ]


def staff_addresses(plan, administrator):
    commitment, base = plan.commitments.order_by("pk").first(), f"/admin/planning/{plan.code}"
    updates = {row.state: row.pk for row in ProgressUpdate.objects.order_by("pk")}
    return [
        "/admin/",
        "/admin/log/",
        f"/admin/log/{commitment.code}/",
        *(f"/admin/updates/{pk}/" for pk in updates.values()),
        f"/admin/review/{updates['submitted']}/",
        f"/admin/updates/{updates['published']}/retract/",
        "/admin/review/",
        f"{base}/",
        f"{base}/call/",
        f"{base}/wording/plan/",
        f"{base}/wording/commitment/{commitment.number}/",
        "/admin/people/",
        "/admin/status/",
        "/admin/meetings/",
        f"/admin/meetings/{Meeting.objects.first().pk}/",
        *record_pages(administrator),
    ]


def ran_on(page, addresses):
    """Return the pages that are not there, or on which a mark has run or could; assert that it is
    on most."""
    page.context.add_init_script(NOTICE)
    # A browser asks for it beside a picture, which names no icon.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    wrong, shown = {}, 0
    for address in addresses:
        status = page.goto(address).status
        if status != HTTPStatus.OK:
            wrong[address] = status
        page.evaluate("document.querySelectorAll('details').forEach(row => { row.open = true; })")
        shown += "alert(7)" in page.content()
        ran, handlers = page.evaluate("window.ran"), page.evaluate(HANDLERS)
        if ran or handlers:
            wrong[address] = (ran, handlers)
    assert shown > len(addresses) / 2, (shown, len(addresses))
    return wrong


def test_the_marker_is_noticed_where_it_runs(browse):
    """What the other tests of this file would see."""
    page = browse(bypass_csp=True)
    page.context.add_init_script(NOTICE)
    page.goto("/en/")
    page.evaluate("document.body.innerHTML = '<p onclick=alert(7)>x</p>'")
    page.click("p")
    assert page.evaluate("window.ran") == 1
    assert len(page.evaluate(HANDLERS)) == 1


def test_no_mark_runs_on_a_public_page(browse, tmp_path, sends_mail, capsys):
    build_world(tmp_path)
    addresses = public_addresses(Plan.objects.get())
    assert ran_on(browse(bypass_csp=True), addresses) == {}
    with capsys.disabled():
        print(f"\n  no script ran on {len(addresses)} public pages")


def test_no_mark_runs_on_a_page_of_the_staff(browse, tmp_path, capsys):
    build_world(tmp_path)
    administrator = User.objects.get(username="administrator")
    page = browse(administrator, bypass_csp=True)
    addresses = staff_addresses(Plan.objects.get(), administrator)
    assert ran_on(page, addresses) == {}
    with capsys.disabled():
        print(f"\n  … on {len(addresses)} pages of the staff")
