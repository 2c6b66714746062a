"""States, actions and roles of the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class State(Codes):
    """The state of a progress update in the workflow."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("In review")
    RETURNED = "returned", _("Returned")
    DISCARDED = "discarded", _("Discarded")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Corrected")
    RETRACTED = "retracted", _("Withdrawn")


EDITABLE_STATES = (State.DRAFT, State.RETURNED)
# The states of an update that may still be published.
UNPUBLISHED_STATES = (*EDITABLE_STATES, State.SUBMITTED)

# The states of an update that counts as a report: it was submitted and not withdrawn.
REPORTED_STATES = (State.SUBMITTED, State.RETURNED, State.PUBLISHED, State.SUPERSEDED)

PUBLIC_STATES = (State.PUBLISHED, State.SUPERSEDED, State.RETRACTED)
# A retracted update is public without its content.
PUBLIC_CONTENT_STATES = (State.PUBLISHED, State.SUPERSEDED)
# The states of an update that was never published.
INTERNAL_STATES = (*UNPUBLISHED_STATES, State.DISCARDED)
INTERNAL_CONTENT_STATES = (*INTERNAL_STATES, State.RETRACTED)


class Action(Codes):
    """An action that the ledger records: on an update, on a plan, on what curators maintain, on the
    ledger itself, or on an account."""

    SUBMIT = "submit", _("Submit for review")
    RECALL = "recall", _("Recall")
    DISCARD = "discard", _("Discard")
    RATE = "rate", _("Rate")
    RETURN = "return", _("Return to author")
    PUBLISH = "publish", _("Publish")
    SUPERSEDE = "supersede", _("Mark as corrected")
    RETRACT = "retract", _("Withdraw")
    ARCHIVE = "archive", _("Add an archived copy")
    REASSIGN = "reassign", _("Hand over to another author")
    PREPARE = "prepare", _("Prepare plan")
    LOAD = "load", _("Load plan")
    AMEND = "amend", _("Amend plan")
    EDIT = "edit", _("Edit")
    CONFIRM_TIME = "confirm_time", _("Confirm the time")
    ERASE = "erase", _("Erase")
    ACCOUNT = "account", _("Change an account")

    @property
    def done(self) -> StrOrPromise:
        """Return the sentence that reports the action as performed, such as “Published.”"""
        return DONE_SENTENCES[self]


DONE_SENTENCES = {
    Action.SUBMIT: _("Submitted for review."),
    Action.RECALL: _("Recalled."),
    Action.DISCARD: _("Discarded."),
    Action.RATE: _("Rated."),
    Action.RETURN: _("Returned to author."),
    Action.PUBLISH: _("Published."),
    Action.SUPERSEDE: _("Marked as corrected."),
    Action.RETRACT: _("Withdrawn."),
    Action.ARCHIVE: _("Archived copy added."),
    Action.REASSIGN: _("Handed over to another author."),
    Action.PREPARE: _("Plan prepared."),
    Action.LOAD: _("Plan loaded."),
    Action.AMEND: _("Plan amended."),
    Action.EDIT: _("Edited."),
    Action.CONFIRM_TIME: _("Time confirmed."),
    Action.ERASE: _("Erased."),
    Action.ACCOUNT: _("Account changed."),
}

PUBLIC_ACTIONS = (
    Action.PUBLISH,
    Action.SUPERSEDE,
    Action.RETRACT,
    Action.ARCHIVE,
    Action.AMEND,
    Action.LOAD,
    Action.EDIT,
    Action.CONFIRM_TIME,
    Action.ERASE,
)

# These actions make something public private again. Holders of earlier copies must delete it.
WITHDRAWING_ACTIONS = (Action.RETRACT, Action.ERASE)

# Changes by these actions are recorded as contents. The record of a plan begins with a load.
EDITING_ACTIONS = (Action.AMEND, Action.EDIT)

# The note of a publication is an internal message to the author. Those of the other public actions
# give the reason to the public.
PUBLIC_NOTE_ACTIONS = tuple(action for action in PUBLIC_ACTIONS if action is not Action.PUBLISH)


class RatingOutcome(Codes):
    """How the first rating of a published assessment and the assessment itself compare: they agree,
    or they differed, and how that was resolved."""

    AGREES = "agrees", _("It agrees.")
    ADOPTED = "adopted", _("It differed; the author adopted it.")
    ARGUED = "argued", _("It differed; the author’s reasons were accepted.")
    THIRD_PERSON = "third_person", _("It differed; a third person agreed with the author.")
    RATED_ANEW = (
        "rated_anew",
        _("It differed; after the basis of the assessment had changed, the second person agreed."),
    )


class Role(Codes):
    """A role of the staff; each is a Django group."""

    REPORTER = "reporter", _("Reporter")
    REVIEWER = "reviewer", _("Reviewer")
    CURATOR = "curator", _("Curator")

    @property
    def group(self) -> str:
        """Return the name of the group: Reporter, Reviewer or Curator."""
        return self.value.capitalize()


# The role of decisions made without a person, such as loading a plan.
SYSTEM_ROLE = "system"
# The role of decisions that only a superuser makes.
ADMINISTRATOR_ROLE = "administrator"
