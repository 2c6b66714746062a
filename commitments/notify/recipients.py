"""To whom mails go: the recipients that the table in `notify.rules` names.

Each is a function that returns whether the reader of a mail is still one of them. It is called when
the mail is sent, so that nobody else gets the mail, whoever put it into the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from commitments.choices import Role
from commitments.curation.report_calls import people_asked
from commitments.models import Mail, Meeting, ProgressUpdate
from commitments.roles import administrators, holders_of, is_staff


def staff(mail: Mail) -> bool:
    """The person whose account or desk it is, as long as they hold a role."""
    return mail.person is not None and is_staff(mail.person)


def author(mail: Mail) -> bool:
    """The author of the update."""
    updates = ProgressUpdate.objects.filter(decisions=mail.decision, author=mail.person)
    return staff(mail) and mail.decision is not None and updates.exists()


def those_asked(mail: Mail) -> bool:
    """The reporters who may report on a commitment of the plan."""
    if mail.call is None:
        return False
    plan = mail.call.plan_id
    return mail.person_id in people_asked([plan]).get(plan, ())


def those_who_go(mail: Mail) -> bool:
    """The reporters whose offices go to the meeting; the curators, if no reporter with an address
    goes."""
    if mail.meeting_id is None:
        return False
    return mail.person_id in people_reminded([mail.meeting_id]).get(mail.meeting_id, ())


def every_administrator(mail: Mail) -> bool:
    return administrators().filter(pk__in=[mail.person_id]).exists()


def follower(mail: Mail) -> bool:
    """The reader who follows something."""
    return mail.follower is not None


def typed_address(mail: Mail) -> bool:
    """Whoever reads the address that somebody typed."""
    return bool(mail.address)


def people_reminded(meetings: Collection[int]) -> Mapping[int, list[int]]:
    """Return, for each of these meetings by id, the ids of the reporters with an address whose
    offices go; for one to which no such reporter goes, those of the curators with an address. Two
    queries at most."""
    found: dict[int, list[int]] = defaultdict(list)
    reporters = holders_of(Role.REPORTER).exclude(email="").order_by()
    going = Meeting.offices.through.objects.filter(
        meeting__in=meetings, office__members__in=reporters
    )
    columns = ("meeting", "office__members")
    for meeting, person in going.order_by(*columns).values_list(*columns).distinct():
        found[meeting].append(person)
    others = [meeting for meeting in meetings if meeting not in found]
    if others:
        curators = holders_of(Role.CURATOR).exclude(email="").order_by("pk")
        ids = list(curators.values_list("pk", flat=True))
        found.update((meeting, ids) for meeting in others)
    return found
