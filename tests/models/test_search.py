"""Finding commitments and updates by words, in either language."""

import pytest

from commitments.models import Commitment, ProgressUpdate
from commitments.texts.search_terms import search_terms
from tests.factories import CommitmentFactory
from tests.steps import INTERNAL, REPORT, draft, published, retracted
from tests.words import en_zh


@pytest.fixture
def commitments(plan):
    CommitmentFactory(
        plan=plan,
        number="1.1",
        title=en_zh("Rules for State conduct", "国家行为准则"),
        text=en_zh(
            "China will push for an international code of conduct at the United Nations.",
            "中国将推动在联合国框架下制定网络空间国际行为准则。",
        ),
    )
    CommitmentFactory(
        plan=plan,
        number="2.7",
        title=en_zh("Internet governance forum", "互联网治理"),
        text=en_zh(
            "China will take part in the forum; 100% of rural_areas shall be connected.",
            "中国将积极参与论坛，推动互联网普及。",
        ),
    )


COMMITMENTS_FOUND = [
    # one language, title and text
    ("conduct", {"1.1"}),
    # the public code
    ("PLAN-2.7", {"2.7"}),
    ("plan-2", {"2.7"}),
    ("governance", {"2.7"}),
    ("United", {"1.1"}),
    ("China", {"1.1", "2.7"}),
    ("CHINA", {"1.1", "2.7"}),
    ("chin", {"1.1", "2.7"}),
    # Chinese words of two characters, and of one
    ("准则", {"1.1"}),
    ("论坛", {"2.7"}),
    ("推动", {"1.1", "2.7"}),
    ("网络", {"1.1"}),
    ("互联", {"2.7"}),
    ("联", {"1.1", "2.7"}),
    # neighbouring characters that are no word of the text
    ("络国", set()),
    # every word must be there, in whatever column and language
    ("conduct rules", {"1.1"}),
    ("conduct governance", set()),
    ("conduct 准则", {"1.1"}),
    ("推动 治理", {"2.7"}),
    ("推动\u3000准则", {"1.1"}),
    ("governance 准则", set()),
    # the number
    ("2.7", {"2.7"}),
    ("1.1 conduct", {"1.1"}),
    # signs that databases read as patterns are only signs
    ("100%", {"2.7"}),
    ("r%l", set()),
    ("rural_areas", {"2.7"}),
    ("rural_connected", set()),
    # no words ask for nothing, nor do signs alone
    ("_", {"1.1", "2.7"}),
    ("\\", {"1.1", "2.7"}),
    ("'", {"1.1", "2.7"}),
    ("", {"1.1", "2.7"}),
    ("   ", {"1.1", "2.7"}),
]


@pytest.mark.parametrize(("words", "found"), COMMITMENTS_FOUND)
def test_commitments_are_found_by_their_words_in_either_language(words, found, commitments):
    assert {row.number for row in Commitment.objects.search(search_terms(words))} == found


def test_search_narrows_what_was_already_chosen(commitments):
    chosen = Commitment.objects.filter(number="2.7")
    assert [row.number for row in chosen.search(search_terms("China"))] == ["2.7"]
    assert not chosen.search(search_terms("conduct")).exists()


MEETING = en_zh("The working group met in Geneva.", "工作组在日内瓦举行会议。")
SEARCH = en_zh("Looked through the records of the assembly.", "查阅大会记录，未见依据。")


def find(words, user):
    return list(ProgressUpdate.objects.visible_to(user).search(search_terms(words), user))


@pytest.mark.parametrize(
    "words",
    ["Geneva", "geneva", "工作", "会议", "日内瓦 group", "assembly", "查阅", "Geneva 大会"],
)
def test_updates_are_found_by_summary_and_search_note(words, duty, reporter, reviewer, anonymous):
    update = published(duty, reporter, reviewer, summary=MEETING, search_note=SEARCH)
    assert find(words, anonymous) == [update]


@pytest.mark.parametrize("words", ["Vienna", "维也", "Geneva Vienna", "Gene%a", "工_组"])
def test_other_words_find_no_update(words, duty, reporter, reviewer, anonymous):
    published(duty, reporter, reviewer, summary=MEETING, search_note=SEARCH)
    assert find(words, anonymous) == []


def test_updates_in_one_language_are_found(duty, reporter, reviewer, anonymous):
    chinese = published(duty, reporter, reviewer, summary=en_zh(zh="工作组举行会议。"))
    english = published(duty, reporter, reviewer, summary=en_zh(en="The group met."))
    assert find("会议", anonymous) == [chinese]
    assert find("group", anonymous) == [english]


@pytest.mark.parametrize("words", ["Geneva", "日内", "assembly", "大会"])
def test_the_text_of_a_retracted_update_is_found_by_staff_only(
    words, duty, reporter, reviewer, other_reporter, visitor, anonymous
):
    update = retracted(duty, reporter, reviewer, summary=MEETING, search_note=SEARCH)
    assert find(words, anonymous) == []
    assert find(words, visitor) == []
    assert find(words, reviewer) == [update]
    assert find(words, other_reporter) == [update]


@pytest.mark.parametrize("leave", ["is_active", "roles"])
def test_who_was_staff_no_longer_finds_the_text_of_a_retracted_update(
    leave, duty, reporter, reviewer
):
    retracted(duty, reporter, reviewer, summary=MEETING)
    author = type(reporter).objects.get(pk=reporter.pk)
    if leave == "is_active":
        author.is_active = False
    else:
        author.groups.clear()
    assert find("Geneva", author) == []


def test_a_superseded_update_is_still_found_by_the_public(duty, reporter, reviewer, anonymous):
    first = published(duty, reporter, reviewer, summary=MEETING)
    published(duty, reporter, reviewer, corrects=first, summary=en_zh("It met in Vienna."))
    assert [update.pk for update in find("Geneva", anonymous)] == [first.pk]


def test_what_is_not_public_is_not_found_by_the_public(duty, reporter, anonymous):
    update = draft(duty, reporter, summary=MEETING)
    assert find("Geneva", anonymous) == []
    assert find("Geneva", reporter) == [update]


def test_internal_evidence_is_not_found_by_the_public(duty, reporter, reviewer, anonymous):
    published(duty, reporter, reviewer, evidence=(REPORT, INTERNAL))
    assert find("minutes", anonymous) == []
