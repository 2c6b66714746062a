"""How to cite the status of a commitment, in common citation styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commitments.choices import EVIDENCE_LEVELS
from commitments.pages.rows import CurrentStatus
from commitments.templatetags.pages import site
from commitments.templatetags.tracker import on_day

# Characters with a special meaning in TeX.
TEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
TEX_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True)
class Citation:
    """A citation in one style."""

    style: str
    text: str


@dataclass(frozen=True)
class Cited:
    """What a citation says in every style: the status of a commitment on a day, as this site shows
    it.

    `read_on` is the day on which the page was read. `published_on` is the day on which the latest
    of the updates that count was published, None if there is none.
    """

    current: CurrentStatus
    address: str
    read_on: date
    published_on: date | None

    @property
    def site(self) -> str:
        return site().name

    @property
    def author(self) -> str:
        """Who runs the site; "" if this is not set."""
        return site().operator

    @property
    def title(self) -> str:
        """The title of the commitment with its status on the day: “ISCC-4.1 Follow up the summit,
        status on 31 December 2026: Partly active (assessed to 31 October 2026)”."""
        facts = {"commitment": self.commitment, "day": on_day(self.day), "status": self.status}
        message = pgettext("title of a source", "%(commitment)s, status on %(day)s: %(status)s")
        return message % facts

    @property
    def commitment(self) -> str:
        row = self.current.commitment
        return f"{row.code} {row.title.inline()}"

    @property
    def status(self) -> str:
        """The status, the day up to which it was assessed, and whether it has lapsed."""
        if not self.current.commitment.assessment_id:
            return self.current.label
        facts = {"status": self.current.label, "day": self.current.assessed_to}
        if self.current.has_lapsed:
            message = _("lapsed, counts as unknown (last assessed as %(status)s, to %(day)s)")
            return message % facts
        return _("%(status)s (assessed to %(day)s)") % facts

    @property
    def day(self) -> date:
        return self.current.day


def citations(cited: Cited) -> list[Citation]:
    """Return a citation in each style, the plain sentence first."""
    return [
        Citation(_("Text"), quotable_sentence(cited)),
        Citation("APA", _apa(cited)),
        Citation("GB/T 7714", _gbt_7714(cited)),
        Citation("BibTeX", _bibtex(cited)),
    ]


def quotable_sentence(cited: Cited) -> str:
    """Return the status of a commitment as a quotable sentence, with its date, its evidence and the
    lasting address."""
    row = cited.current.commitment
    facts = {
        "code": row.code,
        "title": row.title.inline(),
        "plan": row.plan.title.inline(),
        "day": on_day(cited.day),
        "status": cited.current.label,
        "site": cited.site,
        "address": cited.address,
    }
    if not row.assessment_id:
        message = _(
            "%(code)s “%(title)s”, %(plan)s. Status on %(day)s: %(status)s. %(site)s, %(address)s"
        )
        return message % facts
    facts |= {"evidence": EVIDENCE_LEVELS[row.assessment_level], "on": cited.current.assessed_to}
    if cited.current.has_lapsed:
        message = _(
            "%(code)s “%(title)s”, %(plan)s. Status on %(day)s: lapsed, counts as unknown; last "
            "assessed as %(status)s (%(evidence)s, assessed to %(on)s). %(site)s, %(address)s"
        )
        return message % facts
    message = _(
        "%(code)s “%(title)s”, %(plan)s. Status on %(day)s: %(status)s (%(evidence)s, assessed to "
        "%(on)s). %(site)s, %(address)s"
    )
    return message % facts


def _apa(cited: Cited) -> str:
    """Return the citation in APA style (7th edition) for a page of a website. If the settings do
    not say who runs the site, the site is given as the author and not repeated."""
    published = pgettext("no date in an APA citation", "n.d.")
    if cited.published_on:
        style = pgettext("date of an APA citation", "Y, F j")
        published = date_format(cited.published_on, str(style))
    style = pgettext("day of reading in an APA citation", "F j, Y")
    facts = {"day": date_format(cited.read_on, str(style)), "address": cited.address}
    where = [cited.site] if cited.author else []
    parts = [f"{cited.author or cited.site}. ({published})", cited.title, *where]
    return f"{'. '.join(parts)}. {_('Retrieved %(day)s, from %(address)s') % facts}"


def _gbt_7714(cited: Cited) -> str:
    """Return the citation by GB/T 7714—2015 for an electronic resource: author, title and [EB/OL],
    day of publication, day of reading, address."""
    published = f"({cited.published_on.isoformat()})" if cited.published_on else ""
    author = cited.author or cited.site
    return f"{author}. {cited.title}[EB/OL]. {published}[{cited.read_on}]. {cited.address}."


def _bibtex(cited: Cited) -> str:
    row, day = cited.current.commitment, cited.published_on
    published = (
        {"year": str(day.year), "month": TEX_MONTHS[day.month - 1], "day": str(day.day)}
        if day
        else {}
    )
    fields: Mapping[str, str] = {
        "author": f"{{{tex(cited.author or cited.site)}}}",
        "title": f"{{{tex(cited.title)}}}",
        **published,
        "howpublished": tex(cited.site),
        "note": tex(row.plan.title.inline()),
        "url": cited.address,
        "urldate": cited.read_on.isoformat(),
    }
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{value}}}'}"
        for name, value in fields.items()
    ]
    key = f"{row.code}-{cited.day}"
    return "@misc{" + ",\n".join([key, *lines]) + "\n}"


def tex(text: str) -> str:
    """Return a text with the special characters of TeX escaped."""
    return "".join(TEX_ESCAPES.get(character, character) for character in text)
