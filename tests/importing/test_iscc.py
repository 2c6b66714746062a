"""The plan that ships with the tracker agrees with the published text.

The tables were written by hand from the bilingual text that Xinhua published on 2 March 2017, which
is not in the repository. The digests were computed from that text, not from `plan.yaml`: the first
16 hex digits of the SHA-256 of the UTF-8 bytes, for the English and the Chinese separately, of each
paragraph of chapter IV, and of the paragraphs of each goal in chapter III joined by line feeds. The
Chinese of that text has half-width `,;:()` where `plan.yaml` has full-width ones, so they are
converted before the digest is computed.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

import pytest

from commitments.importing import plan_file
from commitments.models import Criterion, Forum

PLAN = Path(__file__).parents[2] / "fixtures" / "iscc" / "plan.yaml"
HALF_WIDTH = str.maketrans("，；：（）", ",;:()")

TEXTS = {
    # number: (English, Chinese)
    "1.1": ("2326d17bc1c3280e", "0fb7816def6274bd"),
    "1.2": ("a53b8a1937194402", "967fecfe7c50907a"),
    "1.3": ("5661257079387a96", "a0b4196f3a148200"),
    "2.1": ("3d6a44d94a810b34", "5898b705ed0f668b"),
    "2.2": ("a5766a3f2f746a1f", "f84a4bb2d41bb1e9"),
    "2.3": ("0533884b1e04174c", "7a53b03303ad4126"),
    "3.1": ("6ac088e422e53503", "28cf44ede02b0855"),
    "3.2": ("6f39e2d6e0aa4643", "07b56a5fa3fdb797"),
    "3.3": ("159c5c38a5c26116", "fbfe9d1481d7233f"),
    "4.1": ("4af0c70e4e72c87e", "7ecab69db890fae7"),
    "4.2": ("aef237872a98273c", "187eada359a777e4"),
    "4.3": ("3e66a897e922e28c", "26bdaade8f8dbd51"),
    "5.1": ("890266555b16bb15", "89b02638edbe7be4"),
    "5.2": ("a1ffca0329768f3e", "8a4ba40f44d4ee10"),
    "5.3": ("fbae639d8ebe3550", "5a6f1e17cc0a6176"),
    "5.4": ("159cb9c1d9c78d02", "ba8edbe2eeee9fa3"),
    "5.5": ("ab6fb0395f12f150", "54033017561aea32"),
    "6.1": ("7f78ac2448a63b57", "8de798e4ba1f0089"),
    "6.2": ("dc3ad078a28e048a", "540564dbe5968567"),
    "7.1": ("556f9d00e7a7544f", "44366113b587f11c"),
    "7.2": ("b32bf70b11b9bf37", "47159158b5cc225a"),
    "7.3": ("4319f07de5bf49b8", "58a0d7f8f258e7bd"),
    "7.4": ("55335cb65bcc7493", "7529b9ffc618d3e5"),
    "7.5": ("730d25f5f9b50934", "9003350d0f17b23b"),
    "7.6": ("f5950d6755887e8a", "0ebb9dabe22efcb9"),
    "8.1": ("fdcced7235cc2a96", "4d71be7958e82e68"),
    "8.2": ("d14f8ce3b983712e", "a0c6e2e0cd7b8959"),
    "8.3": ("97942aa359059a90", "2604289eae33e96a"),
    "8.4": ("79ff9a8121a8133d", "b4daf2317951e992"),
    "9.1": ("553ddc2a2e6e7ad1", "b490f51b5d1788c5"),
}
GOAL_TEXTS = {
    1: ("db112781eb420930", "84635e75fabc3c24"),
    2: ("d87c18fdf916a0f1", "f4fcf0aec42d533b"),
    3: ("dfcf93d371c95847", "f4d8fe1190e77692"),
    4: ("2dcfb59859f2b42a", "db14f314c91753cf"),
    5: ("f54b285bed59367f", "fb4a10a9f6b42eed"),
    6: ("604bed19dafea4b3", "cff9e137f454c2f3"),
}
GOALS = [
    ("Safeguarding Sovereignty and Security", "维护主权与安全"),
    ("Developing A System of International Rules", "构建国际规则体系"),
    ("Promoting Fair Internet Governance", "促进互联网公平治理"),
    ("Protecting Legitimate Rights and Interests of Citizens", "保护公民合法权益"),
    ("Promoting Cooperation on Digital Economy", "促进数字经济合作"),
    ("Building Platform for Cyber Culture Exchange", "打造网上文化交流平台"),
]
AREAS = [
    ("Peace and Stability in Cyberspace", "倡导和促进网络空间和平与稳定"),
    ("Rule-based Order in Cyberspace", "推动构建以规则为基础的网络空间秩序"),
    ("Partnership in Cyberspace", "不断拓展网络空间伙伴关系"),
    ("Reform of Global Internet Governance System", "积极推进全球互联网治理体系改革"),
    (
        "International Cooperation on Cyber Terrorism and Cyber Crimes",
        "深化打击网络恐怖主义和网络犯罪国际合作",
    ),
    (
        "Protection of Citizens’ Rights and Interests Including Privacy",
        "倡导对隐私权等公民权益的保护",
    ),
    ("Digital Economy and Sharing of Digital Dividends", "推动数字经济发展和数字红利普惠共享"),
    (
        "Global Information Infrastructure Development and Protection",
        "加强全球信息基础设施建设和保护",
    ),
    ("Exchange of Cyber Cultures", "促进网络文化交流互鉴"),
]
SIZES = (3, 3, 3, 3, 5, 2, 6, 4, 1)
NUMBERS = [
    f"{area}.{paragraph}"
    for area, size in enumerate(SIZES, start=1)
    for paragraph in range(1, size + 1)
]
DELIVERABLES = {"2.2", "4.2", "4.3", "5.3", "8.3"}
# The forums that each paragraph names in either language. The other paragraphs name none.
FORUMS = {
    "2.1": {"UN", "UNGA", "UNGGE"},
    "2.2": {"SCO", "UNGA"},
    "3.2": {"WIC", "BILATERAL-INTERNET-FORUMS", "CJK", "ARF", "BFA"},
    "3.3": {
        *("SCO", "BRICS", "ARF", "CICA", "FOCAC"),
        *("CASCF", "CHINA-CELAC", "AALCO", "APEC", "G20"),
    },
    "4.1": {"WSIS"},
    "4.2": {"IGF"},
    "4.3": {"ICANN", "WEF"},
    "5.2": {"UNSC"},
    "5.3": {"UN", "CCPCJ", "UNGGE", "IEG-CYBERCRIME"},
    "5.4": {"APAC-MEETING", "ARF", "BRICS"},
    "6.1": {"UNGA", "HRC"},
    "7.1": {"WSIS"},
    "7.6": {"BRI"},
    "8.1": {"BRI"},
    "9.1": {"BRI"},
}
# In 5.3 the English names “UNGGE” where the Chinese names another group of experts.
IN_ONE_LANGUAGE = {("5.3", "UNGGE"): "en", ("5.3", "IEG-CYBERCRIME"): "zh"}
# How many criteria each has.
CRITERIA = {
    **{"1.1": 4, "1.2": 3, "1.3": 2, "2.1": 3, "2.2": 3, "2.3": 2, "3.1": 4, "3.2": 5, "3.3": 5},
    **{"4.1": 4, "4.2": 5, "4.3": 6, "5.1": 4, "5.2": 2, "5.3": 4, "5.4": 3, "5.5": 6},
    **{"6.1": 4, "6.2": 4, "7.1": 4, "7.2": 6, "7.3": 3, "7.4": 6, "7.5": 5, "7.6": 5},
    **{"8.1": 4, "8.2": 3, "8.3": 4, "8.4": 5, "9.1": 6},
}
PARTS_OF_THE_UN = {
    *("UNGA", "UNSC", "HRC", "UNGGE", "CCPCJ"),
    *("IEG-CYBERCRIME", "WSIS", "IGF"),
}

pytestmark = [pytest.mark.alike, pytest.mark.django_db]


@cache
def read_document():
    return plan_file.read_plan_file(str(PLAN)).value


@pytest.fixture
def document():
    return read_document()


@pytest.fixture
def commitments(document):
    return {row["number"]: row for row in document["commitments"]}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pairs(value, place=""):
    """Yield the place and the value of every text in the file."""
    if isinstance(value, dict) and value.keys() & {"en", "zh"}:
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from pairs(item, f"{place}.{key}")
    elif isinstance(value, list) and isinstance(value[0], dict):
        for item in value:
            yield from pairs(
                item, f"{place}[{item.get('number', item.get('code', item.get('key')))}]"
            )


def test_the_numbers_of_these_tables_are_complete():
    assert len(NUMBERS) == 30
    assert list(TEXTS) == list(CRITERIA) == NUMBERS
    assert sum(CRITERIA.values()) == 124


def test_the_plan_is_the_strategy_of_2017(document):
    plan = document["plan"]
    assert (plan["code"], plan["adopted_on"]) == ("ISCC", "2017-03-01")
    assert plan["languages"] == ["zh", "en"]
    assert plan["title"] == {
        "en": "International Strategy of Cooperation on Cyberspace",
        "zh": "网络空间国际合作战略",
    }
    assert (plan["time_zone"], plan["review_interval_days"]) == ("Asia/Shanghai", 365)


def test_it_has_six_goals_and_nine_areas_with_the_titles_of_the_text(document):
    for part, titles in (("goals", GOALS), ("areas", AREAS)):
        assert [(row["number"], row["title"]) for row in document[part]] == [
            (number, {"en": en, "zh": zh}) for number, (en, zh) in enumerate(titles, start=1)
        ]


def test_it_has_thirty_commitments_numbered_by_area_and_paragraph(document):
    assert [row["number"] for row in document["commitments"]] == NUMBERS
    for row in document["commitments"]:
        assert row["area"] == int(row["number"].split(".")[0])


@pytest.mark.parametrize("number", TEXTS)
def test_the_text_of_a_commitment_is_verbatim(commitments, number):
    text = commitments[number]["text"]
    assert (digest(text["en"]), digest(text["zh"].translate(HALF_WIDTH))) == TEXTS[number]


@pytest.mark.parametrize("number", GOAL_TEXTS)
def test_the_text_of_a_goal_is_verbatim(document, number):
    text = document["goals"][number - 1]["text"]
    assert (digest(text["en"]), digest(text["zh"].translate(HALF_WIDTH))) == GOAL_TEXTS[number]


def test_chinese_texts_have_full_width_punctuation(document):
    """English words that a note quotes may keep their punctuation."""
    for place, pair in pairs(document):
        own_words = re.sub(r"“[^”一-鿿]*”", "", pair.get("zh", ""))
        assert not re.search(r"[,;:()]", own_words), place


def test_every_text_is_in_both_languages_but_two_quotes(document):
    alone = {
        (place.split("[")[1].split("]")[0], place.split("[")[2].split("]")[0]): next(iter(pair))
        for place, pair in pairs(document)
        if not (pair.get("en") and pair.get("zh"))
    }
    assert alone == IN_ONE_LANGUAGE


def test_each_language_is_written_in_its_own_script(document):
    """A note, and the reason for the criteria, may quote words from the other language."""
    for place, pair in pairs(document):
        english = pair.get("en", "")
        if place.endswith((".note", ".criteria_reason")):
            english = re.sub(r"“[^”]*”", "", english)
        assert not re.search(r"[一-鿿]", english), place
        assert re.search(r"[一-鿿]", pair.get("zh", "一")), place


def test_deliverables_are_the_five_that_can_be_reached(commitments):
    assert {
        number for number, row in commitments.items() if row["kind"] == "deliverable"
    } == DELIVERABLES
    assert {row["kind"] for row in commitments.values()} == {"deliverable", "standing"}


def test_every_kind_every_goal_and_the_criteria_have_a_reason(commitments):
    for number, row in commitments.items():
        for reason in ("kind_reason", "goal_reason", "criteria_reason"):
            assert row[reason]["en"], number
            assert row[reason]["zh"], number


def test_every_commitment_serves_a_goal_and_every_goal_is_served(commitments):
    assert {row["goal"] for row in commitments.values()} == {1, 2, 3, 4, 5, 6}


def test_the_exchange_of_cultures_serves_goal_6_and_supports_goal_5(commitments):
    row = commitments["9.1"]
    assert (row["goal"], row["supporting_goals"]) == (6, [5])


def test_no_dates_or_offices_are_invented(document, commitments):
    """The published text has none."""
    assert "offices" not in document
    invented = {"start_on", "due_on", "lead_office", "supporting_offices", "milestones"}
    for number, row in commitments.items():
        assert not invented & row.keys(), number


@pytest.mark.parametrize("number", NUMBERS)
def test_a_commitment_is_linked_to_the_forums_that_its_text_names(commitments, number):
    linked = [partner["code"] for partner in commitments[number].get("forums", [])]
    assert set(linked) == FORUMS.get(number, set())
    assert len(linked) == len(set(linked))


def test_every_link_quotes_both_languages_but_the_two_that_differ(commitments):
    for number, row in commitments.items():
        for partner in row.get("forums", []):
            alone = IN_ONE_LANGUAGE.get((number, partner["code"]))
            expected = {alone} if alone else {"en", "zh"}
            assert partner["quote"].keys() == expected, (number, partner["code"])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_commitment_has_its_criteria_with_keys_in_order(commitments, number):
    keys = [criterion["key"] for criterion in commitments[number]["criteria"]]
    assert keys == list("abcdef"[: CRITERIA[number]])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_criterion_quotes_the_text_in_both_languages(commitments, number):
    text = commitments[number]["text"]
    for criterion in commitments[number]["criteria"]:
        assert criterion["quote"].keys() == {"en", "zh"}, criterion["key"]
        assert all(quote in text[tag] for tag, quote in criterion["quote"].items())


def test_a_commitment_has_no_two_criteria_of_the_same_words(commitments):
    for number, row in commitments.items():
        for tag in ("en", "zh"):
            words = [criterion["text"][tag] for criterion in row["criteria"]]
            assert len(set(words)) == len(words), number


def test_a_note_says_where_the_languages_name_another_group_of_experts(commitments):
    note = commitments["5.3"]["note"]
    for words in ("UNGGE", "联合国网络犯罪问题政府专家组"):
        assert words in note["en"]
        assert words in note["zh"]


def test_the_forums_are_those_that_the_text_names_and_the_united_nations_nest(document):
    named = set().union(*FORUMS.values())
    assert {forum["code"] for forum in document["forums"]} == named | {"UN"}
    assert {
        forum["code"]: forum["parent"] for forum in document["forums"] if "parent" in forum
    } == dict.fromkeys(PARTS_OF_THE_UN, "UN")
    assert not any("successor_of" in forum for forum in document["forums"])


def test_it_loads_with_all_its_links(iscc):
    assert iscc.commitments.count() == 30
    assert Forum.objects.count() == 27
    links = iscc.commitments.filter(partnerships__isnull=False).count()
    assert links == 38
    assert Criterion.objects.known(None).filter(commitment__plan=iscc).count() == 124
    assert [row.code for row in iscc.commitments.in_order()] == [f"ISCC-{n}" for n in NUMBERS]
