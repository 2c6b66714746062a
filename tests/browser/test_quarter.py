"""A quarter of a secretariat, as four persons play it in the browser: people and offices are set
up, reports are called for, 13 updates are logged and 18 reviewed, two meetings are held, one update
is corrected, the work of somebody who leaves is handed over, and the quarter's report is written.
It prints what each part costs."""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import docx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from icalendar import Calendar
from openpyxl import load_workbook
from playwright.sync_api import expect

from commitments.choices import State
from commitments.clocks import local_day
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
def test_a_quarter(browse, commitments, council, administrator, locale, script):
    options = {"locale": locale, "java_script_enabled": script}
    quarter = Quarter(browse, options, commitments)
    quarter.set_up(administrator)
    quarter.plan()
    quarter.log()
    for row in commitments[:4]:
        second = User.objects.get(username="second")
        submitted(row, second, timezone.now(), effective_on=quarter.today())
    quarter.review(LOGGED + 4, returned=1)
    quarter.improve()
    quarter.review(1)
    quarter.meet(council)
    quarter.review(1)
    assert ProgressUpdate.objects.filter(state=State.PUBLISHED).count() == LOGGED + 5
    quarter.correct()
    quarter.hand_over(administrator)
    quarter.report()


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

    def today(self):
        return local_day(timezone.now(), self.commitments[0].plan.time_zone)

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

    def _log_one(self, work, row, path=""):
        page = work.page
        work.type(page.locator("#links"), f"https://example.org/{row.number}/{path}")
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
            assert loads <= 1, work
        self.tell(f"reviewing {number}", work)

    def improve(self):
        work = self.worker("second")
        page = work.page
        work.click(menu(page, "/admin/"))
        work.click(page.locator("#desk-returned ~ .rows a").first)
        work.type(page.locator("#id_summary textarea").first, "1 meeting of the council was held.")
        work.click(page.locator("button[name=submit]"))
        expect(page.locator(".messages .success")).to_be_visible()

    def meet(self, council):
        """Two meetings are over: of one something is logged, of the other nothing is to be said."""
        keeper = self.worker("keeper")
        for title, days_ago in (("First session", 3), ("Second session", 1)):
            self._set_up_meeting(keeper, council, title, days_ago)
        self.tell("everything that the curator did, setting up two meetings included", keeper)
        work = self.worker("officer")
        page, clicks = work.page, work.clicks
        work.click(menu(page, "/admin/"))
        asked = page.locator("#desk-follow_up ~ .rows li")
        expect(asked).to_have_count(2)
        self._take_along(page)
        work.click(asked.filter(has_text="First session").locator("button.link"))
        expect(asked).to_have_count(1)
        work.click(asked.locator("a").first)
        work.click(page.locator("a.button[href*='?meeting=']").first)
        expect(page.locator("#id_forums input:checked")).to_have_count(1)
        self._log_one(work, self.commitments[0], "met")
        expect(page.locator("#desk-follow_up")).to_have_count(0)
        self.tell("reporting from a meeting, with what was logged before", work)
        assert work.clicks - clicks <= 12

    def _take_along(self, page):
        """The paper of a meeting is named for it; the officer's own calendar has both meetings."""
        titles = {"First session", "Second session"}
        page.locator("#desk-follow_up ~ .rows a").first.click()
        with page.expect_download() as download:
            page.locator("a[href$='/file/']").click()
        assert titles & set(words_of(download.value.path()))
        page.goto("/admin/calendar/")
        page.locator("main form button[type=submit]").last.click()
        address = page.locator("#address").input_value()
        calendar = Calendar.from_ical(page.request.get(urlsplit(address).path).body())
        names = [str(event["summary"]) for event in calendar.events]
        assert all(any(title in name for name in names) for title in titles), names
        page.goto("/admin/")

    def _set_up_meeting(self, work, council, title, days_ago):
        page = work.page
        work.click(menu(page, "/admin/meetings/"))
        work.click(page.locator("a.button[href='/admin/commitments/meeting/add/']"))
        work.choose(page.locator("#id_forum"), str(council.pk))
        work.type(page.locator("input[id^=id_title_]").first, title)
        day = self.today() - timedelta(days=days_ago)
        for name in ("starts_on", "ends_on"):
            work.type(page.locator(f"#id_{name}"), str(day))
        work.click(page.locator("#id_offices label", has_text="CYB").locator("input"))
        work.click(page.locator("input[name=_save]"))
        expect(page.locator(".messagelist .success")).to_be_visible()

    def report(self):
        """The report on the quarter is read in both languages, and its files hold its changes."""
        plan = self.commitments[0].plan
        last = self.today()
        work = self.worker("keeper")
        page = work.page
        for language, locale in (("en", "en-US"), ("zh-hans", "zh-CN")):
            # What was improved, was so in the language of whoever wrote it.
            wanted = ["1 meeting was held."]
            if locale == self.options["locale"]:
                wanted.append("1 meeting of the council was held.")
            period = f"?from={last - timedelta(days=7)}&to={last}"
            page.goto(f"/{language}/{plan.code}/report/{period}")
            for words in wanted:
                expect(page.locator("article.report")).to_contain_text(words)
            paths = {}
            for extension in ("docx", "xlsx"):
                with page.expect_download() as download:
                    work.click(page.locator(f".formats a[href*='report.{extension}']").first)
                paths[extension] = download.value.path()
            self._check_files(paths["docx"], paths["xlsx"], wanted)
        self.tell("everything that the curator did, two reports and their files included", work)

    def _check_files(self, document, workbook, wanted):
        """The commitment of every published update is in both files, and so are these words."""
        published = ProgressUpdate.objects.filter(state=State.PUBLISHED)
        words = "\n".join(words_of(document))
        cells = [str(value) for value in cells_of(workbook)]
        for update in published.select_related("commitment__plan"):
            assert update.commitment.code in words
            assert any(update.commitment.code in cell for cell in cells)
        for sentence in wanted:
            assert sentence in words
            assert any(sentence in cell for cell in cells)

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
        work.type(page.locator("#id_reason"), "The officer has left.")
        work.click(page.locator("form.log .buttons button").first)
        expect(page.locator(".messages .success")).to_be_visible()
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


def words_of(path):
    """Return the text of each paragraph of a document, those of its tables among them."""
    body = docx.Document(str(path)).element.body
    for each in body.iter(docx.oxml.ns.qn("w:p")):
        yield "".join(part.text or "" for part in each.iter(docx.oxml.ns.qn("w:t")))


def cells_of(path):
    """Return the values of all cells of a workbook."""
    # A download has no extension, by which openpyxl would know the format.
    for sheet in load_workbook(io.BytesIO(path.read_bytes())):
        for row in sheet.iter_rows(values_only=True):
            yield from (value for value in row if value is not None)
