"""How the site meets the success criteria of WCAG 2.2, levels A and AA.

The results apply to the public pages alone: what only the staff side has is no part of any result,
and the statement names it apart. “Met” is the result of automatic tests or of a review of the
templates and the style sheet; the tests are in `tests/browser`. Review the results when pages
change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.choices import Codes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Level(StrEnum):
    """A level of conformance. The site does not aim at AAA."""

    A = "A"
    AA = "AA"


class Conformance(Codes):
    MET = "met", _("Met")
    DOES_NOT_APPLY = "does_not_apply", _("Does not apply")
    NOT_MET = "not_met", _("Not met")
    NOT_EVALUATED = "not_evaluated", _("Not evaluated")


@dataclass(frozen=True)
class SuccessCriterion:
    """A success criterion: its number and name in WCAG, and the result of its evaluation."""

    number: str
    level: Level
    name: StrOrPromise
    result: Conformance
    note: StrOrPromise = ""


MET, DOES_NOT_APPLY = Conformance.MET, Conformance.DOES_NOT_APPLY
NOT_MET = Conformance.NOT_MET

# In the order of WCAG 2.2, which no longer has 4.1.1.
SUCCESS_CRITERIA = (
    SuccessCriterion(
        "1.1.1",
        Level.A,
        _("Non-text Content"),
        MET,
        _("Charts have a text alternative, and their numbers are in tables or words beside them."),
    ),
    SuccessCriterion(
        "1.2.1", Level.A, _("Audio-only and Video-only (Prerecorded)"), DOES_NOT_APPLY
    ),
    SuccessCriterion("1.2.2", Level.A, _("Captions (Prerecorded)"), DOES_NOT_APPLY),
    SuccessCriterion(
        "1.2.3", Level.A, _("Audio Description or Media Alternative (Prerecorded)"), DOES_NOT_APPLY
    ),
    SuccessCriterion("1.2.4", Level.AA, _("Captions (Live)"), DOES_NOT_APPLY),
    SuccessCriterion("1.2.5", Level.AA, _("Audio Description (Prerecorded)"), DOES_NOT_APPLY),
    SuccessCriterion(
        "1.3.1",
        Level.A,
        _("Info and Relationships"),
        MET,
        _(
            "Tables have headers and forms have labels, also where a phone lays them out "
            "differently. Parts of a forum are in a list within that of the forum."
        ),
    ),
    SuccessCriterion("1.3.2", Level.A, _("Meaningful Sequence"), MET),
    SuccessCriterion("1.3.3", Level.A, _("Sensory Characteristics"), MET),
    SuccessCriterion("1.3.4", Level.AA, _("Orientation"), MET),
    SuccessCriterion(
        "1.3.5",
        Level.AA,
        _("Identify Input Purpose"),
        MET,
        _("The field for the reader's own e-mail address says so to browsers."),
    ),
    SuccessCriterion(
        "1.4.1",
        Level.A,
        _("Use of Color"),
        MET,
        _(
            "A line in each cell of the grid shows without colour what its status counts as: "
            "whole, in part, a dot, striped or none; a dotted frame shows that it has lapsed. "
            "Forced colours, increased contrast and paper have patterns. What charts show by "
            "colour is also in words or numbers on the same page; the small grids on the cards of "
            "plans repeat those on the pages of the plans."
        ),
    ),
    SuccessCriterion("1.4.2", Level.A, _("Audio Control"), DOES_NOT_APPLY),
    SuccessCriterion(
        "1.4.3",
        Level.AA,
        _("Contrast (Minimum)"),
        MET,
        _("Tested in light and dark."),
    ),
    SuccessCriterion("1.4.4", Level.AA, _("Resize Text"), MET),
    SuccessCriterion("1.4.5", Level.AA, _("Images of Text"), MET),
    SuccessCriterion(
        "1.4.10",
        Level.AA,
        _("Reflow"),
        MET,
        _("Tested at a width of 320 CSS pixels. Wide tables scroll within their own region."),
    ),
    SuccessCriterion(
        "1.4.11",
        Level.AA,
        _("Non-text Contrast"),
        MET,
        _(
            "The palest areas of charts contrast with the background by less than 3:1; what "
            "they show is also given in words and numbers."
        ),
    ),
    SuccessCriterion(
        "1.4.12",
        Level.AA,
        _("Text Spacing"),
        MET,
        _("Tested with the spacing that the criterion names."),
    ),
    SuccessCriterion(
        "1.4.13",
        Level.AA,
        _("Content on Hover or Focus"),
        DOES_NOT_APPLY,
        _("Tooltips are those of the browser."),
    ),
    SuccessCriterion(
        "2.1.1",
        Level.A,
        _("Keyboard"),
        MET,
        _("Tested with the keyboard alone."),
    ),
    SuccessCriterion("2.1.2", Level.A, _("No Keyboard Trap"), MET),
    SuccessCriterion("2.1.4", Level.A, _("Character Key Shortcuts"), DOES_NOT_APPLY),
    SuccessCriterion(
        "2.2.1",
        Level.A,
        _("Timing Adjustable"),
        DOES_NOT_APPLY,
        _("The public pages have no time limit."),
    ),
    SuccessCriterion("2.2.2", Level.A, _("Pause, Stop, Hide"), DOES_NOT_APPLY),
    SuccessCriterion("2.3.1", Level.A, _("Three Flashes or Below Threshold"), DOES_NOT_APPLY),
    SuccessCriterion("2.4.1", Level.A, _("Bypass Blocks"), MET),
    SuccessCriterion("2.4.2", Level.A, _("Page Titled"), MET),
    SuccessCriterion("2.4.3", Level.A, _("Focus Order"), MET),
    SuccessCriterion("2.4.4", Level.A, _("Link Purpose (In Context)"), MET),
    SuccessCriterion("2.4.5", Level.AA, _("Multiple Ways"), MET),
    SuccessCriterion("2.4.6", Level.AA, _("Headings and Labels"), MET),
    SuccessCriterion("2.4.7", Level.AA, _("Focus Visible"), MET),
    SuccessCriterion(
        "2.4.11",
        Level.AA,
        _("Focus Not Obscured (Minimum)"),
        MET,
        _(
            "Tested on phones, where the years of the grid and the first column of the matrix"
            " of goals and forums stay in place."
        ),
    ),
    SuccessCriterion("2.5.1", Level.A, _("Pointer Gestures"), DOES_NOT_APPLY),
    SuccessCriterion("2.5.2", Level.A, _("Pointer Cancellation"), MET),
    SuccessCriterion("2.5.3", Level.A, _("Label in Name"), MET),
    SuccessCriterion("2.5.4", Level.A, _("Motion Actuation"), DOES_NOT_APPLY),
    SuccessCriterion("2.5.7", Level.AA, _("Dragging Movements"), DOES_NOT_APPLY),
    SuccessCriterion(
        "2.5.8",
        Level.AA,
        _("Target Size (Minimum)"),
        MET,
        _("Tested automatically, with the exceptions that the criterion allows."),
    ),
    SuccessCriterion("3.1.1", Level.A, _("Language of Page"), MET),
    SuccessCriterion(
        "3.1.2",
        Level.AA,
        _("Language of Parts"),
        NOT_MET,
        _(
            "Texts of plans and updates and the titles and publishers of sources are marked with "
            "their language, and as undetermined where none is stated. Two kinds of plain text "
            "are not marked, because nobody states in which language they are written: the "
            "reasons of edits, amendments, withdrawals and erasures, and the citations of sources."
        ),
    ),
    SuccessCriterion("3.2.1", Level.A, _("On Focus"), MET),
    SuccessCriterion("3.2.2", Level.A, _("On Input"), MET),
    SuccessCriterion("3.2.3", Level.AA, _("Consistent Navigation"), MET),
    SuccessCriterion("3.2.4", Level.AA, _("Consistent Identification"), MET),
    SuccessCriterion(
        "3.2.6",
        Level.A,
        _("Consistent Help"),
        MET,
        _("Where those who run the site give a contact, it is in the footer of every page."),
    ),
    SuccessCriterion(
        "3.3.1",
        Level.A,
        _("Error Identification"),
        MET,
        _("What a query gets wrong is named in words at the top of the page."),
    ),
    SuccessCriterion("3.3.2", Level.A, _("Labels or Instructions"), MET),
    SuccessCriterion("3.3.3", Level.AA, _("Error Suggestion"), MET),
    SuccessCriterion(
        "3.3.4",
        Level.AA,
        _("Error Prevention (Legal, Financial, Data)"),
        MET,
        _(
            "Of what readers send, the public pages store only the e-mail address of those who "
            "follow changes. It is used once they have confirmed it, and they can stop at any time."
        ),
    ),
    SuccessCriterion("3.3.7", Level.A, _("Redundant Entry"), DOES_NOT_APPLY),
    SuccessCriterion(
        "3.3.8",
        Level.AA,
        _("Accessible Authentication (Minimum)"),
        DOES_NOT_APPLY,
        _("The public pages need no sign-in."),
    ),
    SuccessCriterion("4.1.2", Level.A, _("Name, Role, Value"), MET),
    SuccessCriterion(
        "4.1.3",
        Level.AA,
        _("Status Messages"),
        DOES_NOT_APPLY,
        _("Public pages change only when they are loaded."),
    ),
)
