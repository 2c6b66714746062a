"""What a browser sends from the forms of the workbench."""

from html.parser import HTMLParser

from tests.steps import TODAY

LINK = {
    "title_en": "Resolution 1",
    "url": "https://example.org/resolution",
    "kind": "resolution",
    "source": "official",
}


def log_of(commitment):
    """Return the address of the form for a new update on a commitment."""
    return f"/admin/log/{commitment.code}/"


def page_of(update):
    return f"/admin/updates/{update.pk}/"


def entered(*sources, **fields):
    """Return what is sent for an event of today; each source has the fields of its row by name."""
    sent = {
        "when": TODAY.isoformat(),
        "event_type": "participation",
        "summary_en": "A meeting was held.",
        "evidence-TOTAL_FORMS": len(sources),
        "evidence-INITIAL_FORMS": sum("id" in source for source in sources),
    }
    for index, source in enumerate(sources):
        row = {"kind": "report", "source": "independent", "public": "on"} | source
        sent |= {f"evidence-{index}-{name}": value for name, value in row.items()}
    return sent | fields


def assessed(*sources, **fields):
    """Return what is sent for an event that is an assessment of a standing duty too."""
    return entered(*sources, status="active", covers_from="2025-07-01") | fields


def shown(page, marked="data-draft"):
    """Return the form of a draft on a page as a browser would send it unchanged; another form by an
    attribute that it has, or the value of one."""
    reader = FormReader(marked)
    reader.feed(page.text)
    return reader.values


class FormReader(HTMLParser):
    """Collects what the inputs of a form hold, by their names."""

    def __init__(self, marked):
        super().__init__()
        self.marked = marked
        self.values = {}
        self.in_form = False
        self.name = self.text = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.in_form = self.marked in (*given, *given.values())
        if not self.in_form:
            return
        if tag == "input":
            self._input(given)
        elif tag in ("textarea", "select"):
            self.name, self.text = given.get("name"), ""
        elif tag == "option" and "selected" in given:
            self._add(self.name, given["value"])

    def _input(self, given):
        is_box = given.get("type") in ("checkbox", "radio")
        ticked = not is_box or "checked" in given
        if ticked and given.get("type") != "file" and "name" in given:
            self._add(given["name"], given.get("value", "on" if is_box else ""))

    def _add(self, name, value):
        self.values.setdefault(name, []).append(value)

    def handle_data(self, text):
        if self.text is not None:
            self.text += text

    def handle_endtag(self, tag):
        if tag == "textarea" and self.name:
            self._add(self.name, self.text.removeprefix("\n"))
        if tag in ("textarea", "select"):
            self.name = self.text = None
        if tag == "form":
            self.in_form = False
