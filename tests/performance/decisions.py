"""The decisions on generated updates, chained as the workflow chains them."""

from datetime import timedelta

from commitments.choices import Action, Role, State
from commitments.ledger import chain, full_content
from commitments.models import Decision, ReturnedContent
from tests.performance.rows import compare_with_corrected, salt

NOTES = {
    Action.RETRACT: "The source was withdrawn by its publisher.",
    Action.RETURN: "Name the meeting.",
}
ROLES = {Action.SUBMIT: Role.REPORTER, Action.DISCARD: Role.REPORTER}


class Chronicle:
    """Performs actions on unsaved updates in the order of time, and collects their decisions.

    `head` is the last link of the chain as stored; it is moved, not saved. `step` is the time
    between two decisions.
    """

    def __init__(self, head, plan, begin, step):
        self.head, self.plan, self.step = head, plan, step
        self.at = max(begin, head.at)
        self.decisions, self.returned = [], []

    def perform(self, action, rows, by, **meta):
        """Append a decision on an update, which still has its former state, and return it. What is
        not performed anew, such as an earlier publication, is told by `decisions` of the update.
        """
        update = rows.update
        self.at += self.step
        decision = Decision(
            seq=self.head.seq + 1,
            at=self.at,
            action=action,
            plan=self.plan,
            commitment=update.commitment,
            update=update,
            actor=by,
            role=ROLES.get(action, Role.REVIEWER),
            note=NOTES.get(action, ""),
            meta=meta,
            note_salt=salt("note", self.head.seq + 1),
            actor_salt=salt("actor", self.head.seq + 1),
        )
        earlier = update._prefetched_objects_cache["decisions"]
        if earlier:
            # While its content is frozen, all decisions on an update hold one digest.
            decision.content_version = earlier[-1].content_version
            decision.content_sha256 = earlier[-1].content_sha256
        else:
            chain._set_content_of(update, decision)
        chain._chain_to(self.head, decision)
        earlier.append(decision)
        self.decisions.append(decision)
        self.head.seq, self.head.hash, self.head.at = decision.seq, decision.hash, decision.at
        update.revision += 1
        update.changed_at = self.at
        return decision

    def submit(self, rows):
        self.perform(Action.SUBMIT, rows, rows.update.author)
        rows.update.state = State.SUBMITTED

    def send_back(self, rows, by):
        self.perform(Action.RETURN, rows, by)
        kept = full_content(rows.update)
        self.returned.append(ReturnedContent(update=rows.update, at=self.at, content=kept))
        rows.update.state = State.RETURNED

    def discard(self, rows):
        self.perform(Action.DISCARD, rows, rows.update.author)
        rows.update.state = State.DISCARDED

    def publish(self, rows, by, local_day, corrected=None):
        """Publish an update; `corrected` is the one that it corrects."""
        update = rows.update
        self.perform(Action.PUBLISH, rows, by)
        update.state, update.publisher = State.PUBLISHED, by
        update.published_at, update.published_on = self.at, local_day(self.at)
        if corrected is not None:
            compare_with_corrected(rows, corrected)
            self.at -= self.step
            self.perform(Action.SUPERSEDE, corrected, by)
            corrected.update.state = State.SUPERSEDED
            corrected.update.superseded_at = self.at

    def retract(self, rows, by):
        self.perform(Action.RETRACT, rows, by)
        rows.update.state, rows.update.retracted_at = State.RETRACTED, self.at

    def archive(self, rows, by):
        piece = rows.evidence[0]
        address = f"https://archive.example.org/{piece.pk}"
        self.perform(Action.ARCHIVE, rows, by, evidence=piece.pk, archived_url=address)
        piece.archived_url = address


def step_of(share, updates):
    """Return the time between two decisions, if a round of so many updates has this share."""
    return share / (4 * updates + 10) if updates else timedelta(0)
