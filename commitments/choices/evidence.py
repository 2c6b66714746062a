"""Kinds, sources and levels of evidence, results of link checks, and gaps in coverage."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes


class Source(Codes):
    """The type of source of a piece of evidence; its place in the list, from 1, is the level."""

    STATEMENT = (
        "statement",
        _("Statement by a party"),
        _(
            "A statement by the plan's owner about its own conduct, or an accusation by a "
            "party to a dispute."
        ),
    )
    OFFICIAL = (
        "official",
        _("Formally adopted record"),
        _(
            "A legally or formally adopted record: a law, treaty, resolution or jointly adopted "
            "declaration."
        ),
    )
    INDEPENDENT = (
        "independent",
        _("Third-party source"),
        _("A source that the plan's owner does not control."),
    )

    @property
    def level(self) -> int:
        return list(Source).index(self) + 1


EVIDENCE_LEVELS = (_("No public evidence"), *(source.label for source in Source))


class EvidenceKind(Codes):
    RESOLUTION = "resolution", _("Resolution")
    DECLARATION = "declaration", _("Declaration")
    AGREEMENT = "agreement", _("Agreement")
    LAW = "law", _("Law or regulation")
    MEETING_RECORD = "meeting_record", _("Meeting record")
    REPORT = "report", _("Report")
    STATEMENT = "statement", _("Statement")
    NEWS = "news", _("News")


class LinkStatus(Codes):
    """The result of checking a link."""

    OK = "ok", _("Reachable")
    MOVED = "moved", _("Moved")
    CHANGED = "changed", _("Content changed")
    GONE = "gone", _("Gone")
    UNREACHABLE = "unreachable", _("Unreachable")


class LinkFilter(Codes):
    """What evidence can be filtered by: the latest result of checking its link, or what follows
    from it."""

    OK = LinkStatus.OK.value, LinkStatus.OK.label
    MOVED = LinkStatus.MOVED.value, LinkStatus.MOVED.label
    CHANGED = LinkStatus.CHANGED.value, LinkStatus.CHANGED.label
    GONE = LinkStatus.GONE.value, LinkStatus.GONE.label
    UNREACHABLE = LinkStatus.UNREACHABLE.value, LinkStatus.UNREACHABLE.label
    DEAD = "dead", _("Dead")
    UNCHECKED = "unchecked", _("Not yet checked")


# With these results, the server sent the linked document.
REACHED_STATUSES = (LinkStatus.OK, LinkStatus.MOVED, LinkStatus.CHANGED)

# A link counts as dead once it is unreachable in this many checks in a row.
DEAD_AFTER_CHECKS = 2

# HTTP status codes by which sites refuse robots. Readers may still reach such a link.
ROBOT_REFUSALS = ("401", "403", "429")


class CoverageGap(Codes):
    """A weakness of what a current assessment rests on."""

    ONE_SOURCE = "one_source", _("One source only"), _("There is one public source.")
    STATEMENTS_ONLY = (
        "statements_only",
        _("Statements by a party only"),
        _("All public evidence is statements by a party."),
    )
    DEAD_LINKS = (
        "dead_links",
        _("Dead links only"),
        _(
            "All public evidence is dead links (gone, or unreachable twice in a row) without an "
            "archived copy that a check has reached."
        ),
    )
    RENEWED_WITHOUT_ACTION = (
        "renewed_without_action",
        _("Renewed without a new action"),
        _(
            "The status is one of progress, but the assessment rests on no action newer than those "
            "of the assessment before."
        ),
    )
    RESTS_ON_RETRACTED = (
        "rests_on_retracted",
        _("Rests on a withdrawn event"),
        _("An event on which it rests was withdrawn."),
    )
    RESTS_ON_CHANGED = (
        "rests_on_changed",
        _("Rests on an event corrected since"),
        _(
            "A correction changed the type, day, criteria or evidence of an event on which it "
            "rests."
        ),
    )
    CRITERIA_CHANGED = (
        "criteria_changed",
        _("Criteria changed since"),
        _("It does not answer the criteria now in use."),
    )
