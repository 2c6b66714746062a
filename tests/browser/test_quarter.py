"""A quarter of a secretariat, as four persons play it in the browser: people and offices are set
up, reports are called for, 13 updates are logged and 18 reviewed, one is corrected, and the work of
somebody who leaves is handed over. It prints what each part costs."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from commitments.choices import State
from commitments.models import Commitment, ProgressUpdate
from tests.browser.worker import Worker
from tests.factories import CommitmentFactory
from tests.steps import record_loaded, submitted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "a-long-phrase-7"
PEOPLE = (
    "username\troles\toffices\toffice_name_en\n"
    "officer\treporter\tCYB\tCyber office\n"
    "second\treporter\tCYB\t\n"
    "third\treporter\tTRADE\tTrade office\n"
    "fourth\treporter\tLAW\tLegal office\n"
    "fifth\treporter\tPRESS\tPress office\n"
    "checker\treviewer\tCYB\t\n"
    "other\treviewer\tLAW\t\n"
    "keeper\tcurator\tLAW\t\n"
)
COMMITMENTS = 14
LOGGED = 13


@pytest.fixture
def commitments(plan, duty, deliverable):
    """The commitments of a plan, all of which the cyber office will lead."""
    for position in range(3, COMMITMENTS + 1):
        CommitmentFactory(plan=plan, number=f"1.{position}", position=position)
    record_loaded(plan)
    return list(Commitment.objects.in_order())


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("script", [True, False])
def test_a_quarter(browse, commitments, administrator, locale, script):
    options = {"locale": locale, "java_script_enabled": script}
    quarter = Quarter(browse, options, commitments)
    quarter.set_up(administrator)
    quarter.plan()
    quarter.log()
    for row in commitments[:4]:
        submitted(row, User.objects.get(username="second"), timezone.now())
    quarter.review(LOGGED + 4, returned=1)
    quarter.improve()
    quarter.review(1)
    assert ProgressUpdate.objects.filter(state=State.PUBLISHED).count() == LOGGED + 4
    quarter.correct()
    quarter.hand_over(administrator)


class Quarter:
    """The persons at work; each method is a part of the quarter, and prints its cost."""

    def __init__(self, browse, options, commitments):
        self.browse, self.options, self.commitments = browse, options, commitments
        self.links, self.workers = {}, {}

    def worker(self, name):
        """Return the person at work, who sets a password by their link and signs in first."""
        if name not in self.workers:
            page = self.browse(**self.options)
            page.goto(self.links[name])
            for number in (1, 2):
                page.fill(f"#id_new_password{number}", PASSWORD)
            with page.expect_navigation():
                page.click("input[type=submit]")
            page.fill("#id_username", name)
            page.fill("#id_password", PASSWORD)
            with page.expect_navigation():
                page.click("input[type=submit]")
            self.workers[name] = Worker(page)
        return self.workers[name]

    def tell(self, part, work):
        language, script = self.options["locale"], self.options["java_script_enabled"]
        print(f"{language}, {'with' if script else 'without'} script, {part}: {work}")

    def set_up(self, administrator):
        page = self.browse(administrator, **self.options)
        work = Worker(page)
        work.click(menu(page, "/admin/records/"))
        work.click(page.locator("a[href='/admin/auth/user/']").first)
        work.click(page.locator("a[href='/admin/people/']"))
        work.type(page.locator("#pasted"), PEOPLE)
        work.click(page.locator("button[name=check]"))
        work.type(page.locator("#reason"), "The council set them up.")
        work.click(page.locator("button[name=load]"))
        addresses = page.locator("td code").all_inner_texts()
        names = re.findall("^([a-z]+)\t", PEOPLE, re.MULTILINE)[1:]
        self.links = dict(zip(names, addresses, strict=True))
        self.tell("setting up eight people and four offices", work)
        assert work.clicks <= 10

    def plan(self):
        work = self.worker("keeper")
        page = work.page
        work.click(menu(page, "/admin/planning/"))
        lines = "".join(f"{row.number}\tCYB\n" for row in self.commitments)
        work.type(page.locator("#pasted"), f"number\tlead_office\n{lines}")
        work.click(page.locator("button[name=check]"))
        work.type(page.locator("#reason"), "The council decided so.")
        work.click(page.locator("button[name=load]"))
        work.click(page.locator("a[href$='/call/']"))
        work.type(page.locator("#id_due_on"), "2099-12-31")
        work.click(page.locator("form.log button"))
        expect(page.locator(".messages .success")).to_be_visible()
        self.tell("assigning 14 commitments and calling for reports", work)
        assert work.clicks <= 11

    def log(self):
        work = self.worker("officer")
        page = work.page
        before = work.clicks, work.loads
        for row in self.commitments[:LOGGED]:
            at_first = work.clicks, work.loads
            work.click(page.locator(f"#desk-asked_for ~ .rows a[href$='/log/{row.code}/']"))
            self._log_one(work, row)
            clicks, loads = work.done_since(*at_first)
            assert (clicks <= 10, loads <= 3) == (True, True), work
        self.tell(f"logging {LOGGED} updates with a link each", work)
        assert work.clicks - before[0] <= 10 * LOGGED
        clicks = work.clicks
        work.click(page.locator("#desk-asked_for ~ .rows button.link"))
        expect(page.locator(".messages .success")).to_be_visible()
        assert work.clicks - clicks <= 2
        expect(page.locator("#desk-asked_for")).to_have_count(0)
        keeper = self.worker("keeper")
        clicks = keeper.clicks
        keeper.click(menu(keeper.page, "/admin/planning/"))
        expect(keeper.page.locator("form.planning tbody tr")).to_have_count(COMMITMENTS)
        assert keeper.clicks - clicks == 1

    def _log_one(self, work, row):
        page = work.page
        work.type(page.locator("#links"), f"https://example.org/{row.number}")
        work.click(page.locator("button[name=add]"))
        expect(page.locator("fieldset.source")).to_have_count(1)
        work.type(page.locator("#id_evidence-0-title_und"), f"Minutes {row.number}")
        for name, value in (("kind", "meeting_record"), ("source", "independent")):
            field = page.locator(f"#id_evidence-0-{name}")
            if field.input_value() != value:
                work.choose(field, value)
        work.type(page.locator("#id_summary textarea").first, "1 meeting was held.")
        work.click(page.locator("input[name=event_type][value=participation]"))
        work.click(page.locator("button[name=submit]"))
        expect(page.locator(".messages .success")).to_be_visible()

    def review(self, number, returned=0):
        work = self.worker("checker")
        page = work.page
        work.click(menu(page, "/admin/review/"))
        for place in range(number):
            expect(page.locator("button[name=publish]")).to_be_visible()
            page.wait_for_load_state()
            at_first = work.clicks, work.loads
            if place >= number - returned:
                work.type(page.locator("#id_note"), "Say which meeting.")
                work.click(page.locator("button[name=return]"))
            else:
                work.click(page.locator("button[name=publish]"))
            left = number - place - 1
            count = page.locator("nav.staff .count")
            if left:
                expect(count).to_have_text(str(left))
            else:
                expect(page.locator("button[name=publish]")).to_have_count(0)
            page.wait_for_load_state()
            clicks, loads = work.done_since(*at_first)
            assert clicks <= 3, work
            # After the last one the queue says that it is empty, by way of its own address.
            assert loads <= (1 if left else 2), work
        self.tell(f"reviewing {number}", work)

    def improve(self):
        work = self.worker("second")
        page = work.page
        work.click(menu(page, "/admin/"))
        work.click(page.locator("#desk-returned ~ .rows a").first)
        work.type(page.locator("#id_summary textarea").first, "1 meeting of the council was held.")
        work.click(page.locator("button[name=submit]"))
        expect(page.locator(".messages .success")).to_be_visible()

    def correct(self):
        work = self.worker("officer")
        page, clicks = work.page, work.clicks
        update = ProgressUpdate.objects.filter(author__username="officer").latest("pk")
        work.click(menu(page, "/admin/commitments/progressupdate/"))
        work.click(page.locator(f"#result_list a[href$='/{update.pk}/change/']").first)
        work.click(page.locator(f"a[href*='corrects={update.pk}']"))
        work.type(page.locator("#id_summary textarea").first, "2 meetings were held.")
        work.click(page.locator("button[name=submit]"))
        expect(page.locator(".messages .success")).to_be_visible()
        self.tell("everything that the officer did, a correction included", work)
        assert work.clicks - clicks <= 5

    def hand_over(self, administrator):
        work = self.worker("officer")
        page = work.page
        page.goto(f"/admin/log/{self.commitments[0].code}/")
        page.locator("#id_summary textarea").first.fill("Begun.")
        page.locator("button[name=save]").last.click()
        expect(page.locator(".messages .success")).to_be_visible()
        officer = User.objects.get(username="officer")
        work = Worker(self.browse(administrator, **self.options))
        page = work.page
        work.click(menu(page, "/admin/records/"))
        work.click(page.locator("a[href='/admin/auth/user/']").first)
        work.click(page.locator(f"#result_list a[href*='/{officer.pk}/change/']").first)
        work.click(page.locator("#id_is_active"))
        work.click(page.locator("input[name=_save]"))
        expect(page.locator(".messagelist, .messages")).to_be_visible()
        keeper = self.worker("keeper")
        page = keeper.page
        keeper.click(menu(page, "/admin/"))
        keeper.click(page.locator("#desk-orphaned_drafts ~ .rows a").first)
        keeper.click(page.locator("a[href$='/reassign/']"))
        keeper.choose(page.locator("#id_to"), str(User.objects.get(username="second").pk))
        keeper.type(page.locator("#id_note"), "The officer has left.")
        keeper.click(page.locator("form.log button[type=submit]"))
        expect(page.locator(".messages .success")).to_be_visible()
        self.tell("handing over a draft", keeper)
        assert ProgressUpdate.objects.get(state=State.DRAFT).author.username == "second"


def menu(page, address):
    return page.locator(f"nav.staff a[href='{address}']")
