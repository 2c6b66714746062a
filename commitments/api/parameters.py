"""Descriptions of query parameters for the OpenAPI document. Pagination classes describe those of
pages."""

from __future__ import annotations

from commitments.filters import (
    ChangeFilter,
    EvidenceFilter,
    ForumFilter,
    MeetingFilter,
    UpdateFilter,
)
from commitments.filters.tidy import TidyFilter

# By name, wherever `OWN_DESCRIPTIONS` has no other; most may be repeated, meaning "or".
DESCRIPTIONS = {
    "acted_since": "Only commitments with a last action on or after this date.",
    "active_at": "As `forum`, but without `none`; only commitments with activity there, at its"
    " parts or at successors of either within two review intervals.",
    "after": "Only links after this number.",
    "area": "Numbers of action areas; `none` for commitments without one.",
    "as_of": "Date for which the state is shown; today if omitted. Not in the future.",
    "by": "Length of each period.",
    "changed_since": "Only commitments with a public change at or after this time.",
    "commitment": "Codes of commitments, such as `ISCC-9.1`.",
    "coverage": "Weaknesses of what the current assessment rests on.",
    "criterion": "Only commitments of which the current assessment finds this of a criterion.",
    "cursor": "The `cursor` of an earlier response, to continue after it.",
    "due_after": "Only those with a due date after this day.",
    "due_before": "Only those with a due date before this day.",
    "event_type": "Only commitments with an event of one of these types.",
    "evidence_level_min": "Lowest evidence level of the current assessment.",
    "fields": "Names of the fields to answer, separated by commas; those within an object or of a"
    " language follow a dot. The others are left out, those that are called required too, so that"
    " a generated client may not read the response.",
    "format": "The form of the answer.",
    "from": "Earlier day of the comparison.",
    "forum": "Codes of forums; includes their parts and predecessors, and theirs. `none` for"
    " commitments without one.",
    "freshness": "Freshness of the current assessment.",
    "goal": "Numbers of the primary goals; `none` for commitments without one.",
    "group_by": "Grouping of the commitments. Grouping by goal or area requires one `plan`.",
    "kind": "Kinds of commitment.",
    "known_at": "Use only what was public at this time. Not in the future.",
    "office": "Codes of offices that lead or support the commitment; `none` for commitments"
    " without one.",
    "ordering": "Sort order; `-` reverses it. Missing values come last.",
    "page_size": "Number of results per page.",
    "key": "Key of the plan, goal, area, commitment, forum, office or publisher.",
    "plan": "Codes of plans.",
    "q": "Words in the code, title or text, in any language, at most 30; each must occur. A name of"
    " a forum finds its other names too.",
    "schedule": "Whether the commitment is on schedule.",
    "seq": "Sequence number of the ledger link that recorded the content.",
    "serves": "Numbers of strategic goals, primary or supporting.",
    "status": "Statuses of the current assessment.",
    "type": "Types of what has the content.",
    "tone": "Effective tones, as counted in roll-ups; a lapsed assessment counts as unknown.",
}
OWN_DESCRIPTIONS: dict[type, dict[str, str]] = {
    UpdateFilter: {
        "as_of": "Only updates that count on this date. Not in the future.",
        "author_office": "Codes of offices of which the author is a member now; `none` for authors"
        " without one. For staff only.",
        "changed_since": "Only updates changed at or after this time.",
        "effective_from": "Only updates dated on or after this day.",
        "effective_to": "Only updates dated on or before this day.",
        "event_type": "Event types of the updates.",
        "external_ref": "External references of updates.",
        "forum": "Codes of forums; includes their parts and successors, and theirs. `none` for"
        " updates that name none.",
        "goal": "Numbers of the primary goals of the commitments; `none` for those without one.",
        "office": "Codes of offices that lead or support the commitments; `none` for those without"
        " one.",
        "known_at": "Only updates that were public and in force at this time. Not in the future.",
        "q": "Words in the summary or search note, in any language, at most 30; each must occur. A"
        " name of a forum finds its other names too.",
        "state": "Workflow states. The public sees `published`, `superseded` and `retracted`.",
        "status": "Statuses assigned by the update.",
    },
    ChangeFilter: {
        "action": "Actions that made the change.",
        "forum": "Codes of forums; includes their parts and predecessors, and theirs.",
        "goal": "Numbers of the primary goals of the commitments.",
        "plan": "Codes of plans; includes changes of what plans share.",
    },
    EvidenceFilter: {
        "forum": "Codes of forums; of updates that name them, their parts or successors, or"
        " theirs. `none` for updates that name none.",
        "kind": "Kinds of evidence.",
        "language": "BCP 47 tags of the languages of the sources.",
        "link": "Last result of checking the link; `dead` if it counts as dead, `unchecked` if it"
        " was not checked yet.",
        "publisher": "Names of publishers, in any language.",
        "q": "Words in the title, in any language, in the name of the publisher, the link or the"
        " citation, at most 30; each must occur.",
        "source": "Types of source.",
    },
    ForumFilter: {
        "kind": "Kinds of forum.",
        "plan": "Codes of plans with a commitment that names the forum.",
    },
    MeetingFilter: {
        "forum": "Codes of forums; includes their parts and successors, and theirs.",
        "from": "Only meetings that end on or after this day.",
        "plan": "Codes of plans whose forums meet.",
        "to": "Only meetings that begin on or before this day.",
    },
    TidyFilter: {
        "as_of": "Date of the tables `status`, `trend` and `grid`; today if omitted. Not in the"
        " future.",
        "by": "Length of each period of the tables `trend` and `grid`; a quarter if omitted.",
        "known_at": "The tables as they were at this time; `partnerships` has no other state than"
        " today's. Not in the future.",
    },
}


def parameter_description(name: str, filterset_class: type | None) -> str:
    """Return the description of a parameter that the filter set or its view reads, or "" if there
    is none."""
    own = OWN_DESCRIPTIONS.get(filterset_class, {}) if filterset_class else {}
    return own.get(name) or DESCRIPTIONS.get(name, "")
