"""Cards that other sites show in a frame, and badges."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import activate
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.choices import Tone, effective_tone
from commitments.models import Forum, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.models.querysets.forum_tree import ForumTree
from commitments.pages import charts
from commitments.pages.grid import grid_picture
from commitments.pages.home import MAX_PICTURED
from commitments.pages.phrases import commitments_phrase, criteria_phrase
from commitments.pages.pictures import PicturePage
from commitments.pages.reuse import ReusedPage
from commitments.pages.rows import CommitmentFacts, CurrentStatus, status_warnings, status_words
from commitments.pages.subjects import PlanSubject, forum_subject, whole_plan
from commitments.pages.summary import summarise
from commitments.pages.updates import UpdateText, page_updates
from commitments.pictures.badge import badge
from commitments.pictures.drawing import Drawing
from commitments.roles import ANONYMOUS
from commitments.rollups.findings import finding_counts
from commitments.templatetags.tracker import on_day
from commitments.texts.abridge import abridge
from commitments.texts.languages import reader_tag, script
from commitments.texts.phrases import sentence_of

# In characters, so that a card fits into the height of its frame (`sharing.CARD_HEIGHT`).
# Characters of the wide scripts take twice the space and say as much. Few assessments are cut,
# because reservations are often at their end.
MAX_SENTENCE_LENGTH, MAX_WIDE_LENGTH = 600, 300
WIDE_SCRIPTS = frozenset(["Hans", "Hant", "Jpan", "Kore"])


def _short(text: UpdateText) -> str:
    is_wide = script(text.language) in WIDE_SCRIPTS
    return abridge(text.summary, MAX_WIDE_LENGTH if is_wide else MAX_SENTENCE_LENGTH)


class InLanguage(ReusedPage):
    """A page below `/embed/` with the language in its address."""

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["language"] not in dict(settings.LANGUAGES):
            raise Http404
        activate(str(kwargs["language"]))


class Card(InLanguage):
    """A card, which any site may show in a frame."""

    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors *"
    )

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response.xframe_options_exempt = True  # type: ignore[attr-defined]
        return response

    def page(self) -> str:
        """Return the address of the page that the card represents."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(page=self.page(), dated=self.dated(), **kwargs)


class CommitmentCard(Card):
    template_name = "commitments/embeds/commitment.html"

    @cached_property
    def commitment(self) -> Any:
        rows = self.selected.select_related("plan")
        return get_object_or_404(rows, number=self.kwargs["number"])

    def page(self) -> str:
        return self.addresses.of("pages:commitment", self.commitment.number)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        row = self.commitment
        may_have = not self.clock.is_default
        current = CurrentStatus(row, self.day, None, events=0, may_have_been_assessed=may_have)
        text, counts = self._text(), finding_counts(row)
        return super().get_context_data(
            commitment=row,
            current=current,
            text=text,
            warnings=status_warnings(row),
            sentence=_short(text) if text else "",
            criteria=criteria_phrase(counts) if counts else "",
            facts=self._facts(),
            **kwargs,
        )

    def _text(self) -> UpdateText | None:
        """Return the text of the assessment; None if there is none or it was withdrawn."""
        updates = ProgressUpdate.objects.visible_to(ANONYMOUS).filter(
            pk=self.commitment.assessment_id
        )
        found = page_updates(updates.select_related("commitment__plan"))
        return next((text for update in found for text in update.texts), None)

    def _facts(self) -> list[tuple[str, str]]:
        row, facts = self.commitment, []
        if row.assessment_id:
            day = on_day(row.assessment_effective_on, row.assessment_precision)
            facts.append((_("Assessed to"), day))
        if action := CommitmentFacts(row).last_action:
            facts.append((_("Last action on record"), action))
        return facts


class GroupCard(Card):
    """The card of a plan or of one of its forums: its sentence, and how many commitments of each
    kind count as what."""

    template_name = "commitments/embeds/group.html"
    pictured = False

    @cached_property
    def subject(self) -> PlanSubject:
        return whole_plan(self.plan)

    def page(self) -> str:
        return self.addresses.of(f"pages:{self.subject.route}", *self.subject.names)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        rows: list[Any] = list(self.subject.members(self.listed))
        total = rollups.total(rows)
        return super().get_context_data(
            subject=self.subject,
            count=commitments_phrase(len(rows)),
            sentence=sentence_of(summarise(total, self.day)),
            bars=charts.bars(total, self.interval, self.day),
            picture=self._picture(rows),
            **kwargs,
        )

    def _picture(self, rows: list[Any]) -> object:
        if not self.pictured or not 0 < len(rows) <= MAX_PICTURED:
            return None
        record = self.read_record(row.pk for row in rows)
        return grid_picture(rows, record, self.plan, self.day)


class WholePlanCard(GroupCard):
    pictured = True


class ForumCard(GroupCard):
    needs = ("forums",)

    @cached_property
    def subject(self) -> PlanSubject:
        return forum_subject(self.plan, self.kwargs["code"])


class BadgePage(InLanguage, PicturePage):
    """The badge of a commitment."""

    def drawing(self) -> Drawing:
        row: Any = get_object_or_404(self.selected, number=self.kwargs["number"])
        tone = effective_tone(row.assessment_status, row.freshness)
        label = f"{self.plan.code}-{row.number}"
        return badge(label, status_words(row), tone, reader_tag())


class GroupBadge(InLanguage, PicturePage):
    """The badge of a plan: how many commitments it has, and when the last action was. Statuses are
    not added up."""

    def drawing(self) -> Drawing:
        n = self.subject.members(self.plan.commitments.in_plan_by(self.clock)).count()
        texts = [commitments_phrase(n)]
        action = self.actions().actions().first()
        if action is not None:
            day = on_day(action.effective_on, action.date_precision)
            texts.append(self.last_action_words % {"day": day})
        elif self.clock.known_at is None:
            # Under `known_at`, actions count that were withdrawn since and are not shown.
            texts.append(_("no action on record"))
        return badge(self.label, " · ".join(texts), Tone.UNKNOWN, reader_tag())

    @property
    def label(self) -> str:
        return self.plan.code

    @property
    def last_action_words(self) -> str:
        """The words for the last action; `%(day)s` stands for its day."""
        return _("last action %(day)s")

    @property
    def subject(self) -> PlanSubject:
        return whole_plan(self.plan)

    def actions(self) -> ProgressUpdateQuerySet:
        """Return the updates from which the last action is taken."""
        updates = ProgressUpdate.objects.under(self.clock, self.filterset.periods)
        return updates.of_plans([self.plan])


class ForumBadge(GroupBadge):
    """The badge of a forum: how many commitments it has, and when the last action there was."""

    needs = ("forums",)

    @property
    def label(self) -> str:
        return f"{self.plan.code} {self.kwargs['code']}"

    @property
    def last_action_words(self) -> str:
        if self.tree.has_successors(self.forum.pk):
            return _("last action there or at its successors %(day)s")
        return super().last_action_words

    @cached_property
    def subject(self) -> PlanSubject:
        return forum_subject(self.plan, self.kwargs["code"])

    @cached_property
    def forum(self) -> Forum:
        return get_object_or_404(Forum, code=self.kwargs["code"])

    @cached_property
    def tree(self) -> ForumTree:
        return Forum.objects.tree()

    def actions(self) -> ProgressUpdateQuerySet:
        return super().actions().at_forums([self.forum], ANONYMOUS, self.tree)
