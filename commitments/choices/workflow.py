"""States, actions and roles of the workflow."""

from __future__ import annotations

from commitments.choices.codes import Codes
from commitments.texts.bilingual import Text


class State(Codes):
    """The state of a progress update in the workflow."""

    DRAFT = "draft", "Draft", "草稿"
    SUBMITTED = "submitted", "In review", "审核中"
    RETURNED = "returned", "Returned", "退回修改"
    DISCARDED = "discarded", "Discarded", "已弃用"
    PUBLISHED = "published", "Published", "已发布"
    SUPERSEDED = "superseded", "Corrected", "已更正"
    RETRACTED = "retracted", "Withdrawn", "已撤回"


EDITABLE_STATES = (State.DRAFT, State.RETURNED)

PUBLIC_STATES = (State.PUBLISHED, State.SUPERSEDED, State.RETRACTED)


class Action(Codes):
    """An action that the ledger records, on an update or on a plan."""

    SUBMIT = "submit", "Submit for review", "提交审核"
    RECALL = "recall", "Recall", "收回"
    DISCARD = "discard", "Discard", "弃用"
    RETURN = "return", "Return to author", "退回修改"
    PUBLISH = "publish", "Publish", "发布"
    SUPERSEDE = "supersede", "Mark as corrected", "标记为已更正"
    RETRACT = "retract", "Withdraw", "撤回"
    ARCHIVE = "archive", "Add an archived copy", "添加存档副本"
    REASSIGN = "reassign", "Hand over to another author", "移交其他填报人"
    LOAD = "load", "Load plan", "导入计划"
    AMEND = "amend", "Amend plan", "修订计划"

    @property
    def done(self) -> Text:
        """Return the sentence that reports the action as performed, such as “Published.”"""
        return DONE_SENTENCES[self]


DONE_SENTENCES = {
    Action.SUBMIT: Text("Submitted for review.", "已提交审核。"),
    Action.RECALL: Text("Recalled.", "已收回。"),
    Action.DISCARD: Text("Discarded.", "已弃用。"),
    Action.RETURN: Text("Returned to author.", "已退回修改。"),
    Action.PUBLISH: Text("Published.", "已发布。"),
    Action.SUPERSEDE: Text("Marked as corrected.", "已标记为更正。"),
    Action.RETRACT: Text("Withdrawn.", "已撤回。"),
    Action.ARCHIVE: Text("Archived copy added.", "已添加存档副本。"),
    Action.REASSIGN: Text("Handed over to another author.", "已移交其他填报人。"),
    Action.LOAD: Text("Plan loaded.", "已导入计划。"),
    Action.AMEND: Text("Plan amended.", "已修订计划。"),
}

PUBLIC_ACTIONS = (
    Action.PUBLISH,
    Action.SUPERSEDE,
    Action.RETRACT,
    Action.ARCHIVE,
    Action.AMEND,
    Action.LOAD,
)

# The note of a publication is an internal message to the author. Those of the other public actions
# give the reason to the public.
PUBLIC_NOTE_ACTIONS = tuple(action for action in PUBLIC_ACTIONS if action is not Action.PUBLISH)


class Role(Codes):
    """A role of the staff; each is a Django group, named by the English label."""

    REPORTER = "reporter", "Reporter", "填报人"
    REVIEWER = "reviewer", "Reviewer", "审核人"
    CURATOR = "curator", "Curator", "计划管理员"

    @property
    def group(self) -> str:
        return self.label.en


# The role of decisions made without a person, such as loading a plan.
SYSTEM_ROLE = "system"
