"""Factories of rows with plain, predictable values. Updates have none: `tests.steps` creates them
through the workflow."""

from datetime import UTC, date, datetime

import factory
from django.contrib.auth.models import Group, User

from commitments import ledger, models
from commitments.accounts import powers_of
from commitments.choices import ADMINISTRATOR_ROLE, Action, ForumKind, Kind, ScheduleDate
from tests.steps import NOW
from tests.words import en_zh

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    """Creates a member of staff: `UserFactory(username=…, roles=[Role.REPORTER])`."""

    class Meta:
        model = User
        django_get_or_create = ("username",)
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")

    @factory.post_generation
    def roles(self, create, extracted, **kwargs):
        for role in extracted or ():
            self.groups.add(Group.objects.get(name=role.group))


def account_changed(user, by):
    """Record that one person made the account of another, or gave it access otherwise."""
    request = models.AccountRequest(account=user, asked_by=by, closed_by=by, state="done")
    request.gives_access = True
    request.asked_at = request.closed_at = NOW
    request.decision = ledger.append(
        Action.ACCOUNT,
        at=NOW,
        by=by,
        role=ADMINISTRATOR_ROLE,
        plan=None,
        meta={"account": user.pk, "changed": ["roles"], **powers_of(user)},
    )
    request.save()


class PlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Plan
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"PLAN{n}")
    languages = ["en", "zh"]
    title = en_zh("A plan", "一项计划")
    time_zone = "Asia/Shanghai"
    review_interval_days = 365


class GoalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.StrategicGoal

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = en_zh("A goal", "一项目标")


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ActionArea

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = en_zh("An area", "一个领域")


class ForumFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Forum

    code = factory.Sequence(lambda n: f"FORUM-{n}")
    name = factory.LazyAttribute(lambda forum: en_zh(f"Forum {forum.code}", "论坛"))
    kind = ForumKind.DIALOGUE


class MeetingFactory(factory.django.DjangoModelFactory):
    """A meeting of one day."""

    class Meta:
        model = models.Meeting

    forum = factory.SubFactory(ForumFactory)
    title = en_zh("Seventh session", "第七届会议")
    starts_on = date(2026, 8, 3)
    ends_on = factory.SelfAttribute("starts_on")
    changed_at = NOW


class OfficeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Office

    code = factory.Sequence(lambda n: f"OFFICE-{n}")
    name = en_zh("An office", "一个部门")


class CommitmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Commitment

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: f"1.{n + 1}")
    position = factory.Sequence(lambda n: n + 1)
    kind = Kind.STANDING
    title = en_zh("Take part in the forum", "参与论坛")
    text = en_zh("The country will take part in the forum.", "积极参与论坛。")
    text_sha256 = factory.LazyAttribute(lambda commitment: ledger.wording_sha256(commitment.text))


class CriterionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Criterion

    commitment = factory.SubFactory(CommitmentFactory)
    key = "a"
    position = 1
    text = en_zh("It is done.", "已经完成。")
    added_at = NOW


class MilestoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Milestone
        skip_postgeneration_save = True

    commitment = factory.SubFactory(CommitmentFactory)
    key = factory.Sequence(lambda n: f"m{n}")
    title = en_zh("First step")
    due_on = date(2026, 6, 30)

    @factory.post_generation
    def is_known(self, create, extracted, **kwargs):
        """Let the due date be known, as it is once a decision has recorded it; with
        `is_known=False` a decision of the test does that."""
        if extracted is not False:
            models.KnownDate.objects.create(
                commitment=self.commitment,
                milestone=self,
                name=ScheduleDate.DUE_ON,
                day=self.due_on,
                known_from=LONG_AGO,
            )


class PublisherFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Publisher

    key = factory.Sequence(lambda n: f"Publisher {n}")
    name = factory.LazyAttribute(lambda publisher: en_zh(publisher.key))
