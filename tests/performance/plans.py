"""The plans of a generated record, as the documents of plan files."""

from datetime import date, timedelta
from random import Random

from tests.performance.sizes import SEED

FORUMS = 40
OFFICES = 20
GOALS, AREAS = 6, 9
INTERVALS = (365, 365, 180, 90)
ZONES = ("UTC", "Asia/Shanghai")
KINDS = ("un_body", "regional_organisation", "dialogue", "multistakeholder", "initiative")
# English and Chinese: what is done, and to what.
DEEDS = (
    ("publish the contracts", "公布合同清单"),
    ("train the inspectors", "培训检查人员"),
    ("open the registers", "开放登记资料"),
    ("exchange threat reports", "交流威胁通报"),
    ("map the cables", "绘制线缆地图"),
    ("support small firms", "扶持小型企业"),
    ("protect personal data", "保护个人信息"),
    ("fund the laboratories", "资助实验机构"),
)
SUBJECTS = (
    ("network security", "网络安全"),
    ("cross-border data", "跨境数据"),
    ("digital inclusion", "数字包容"),
    ("cybercrime", "网络犯罪"),
    ("critical infrastructure", "关键基础设施"),
    ("online education", "在线教育"),
    ("open standards", "开放标准"),
)


def plan_code(plan):
    return f"P{plan:03}"


def is_standing(commitment):
    return commitment % 3 != 0


def forums_of(plan, commitment):
    """Return the numbers of the two forums that a commitment names."""
    rng = Random(f"{SEED}/forums/{plan}/{commitment}")
    # The first ones are named much more often than the others.
    return sorted(rng.sample([*range(8)] * 4 + [*range(FORUMS)], 2))


def criteria_of(commitment):
    """Return the keys of the criteria of a commitment; one in twenty has none."""
    return "" if commitment % 20 == 19 else "abc"[: 2 + commitment % 2]


def milestones_of(commitment):
    return "" if is_standing(commitment) or commitment % 2 else "mn"


def due_on(commitment, adopted):
    """Return the due date of a deliverable; one in four has none."""
    if is_standing(commitment) or commitment % 4 == 3:
        return None
    return adopted + timedelta(days=900 + commitment * 37 % 1500)


def office_code(number):
    return f"OFFICE-{number:02}"


def offices_of(plan, commitment):
    """Return the codes of the lead office and of the supporting one; one in eight has none."""
    if commitment % 8 == 7:
        return None
    number = (plan * 3 + commitment) % OFFICES
    return office_code(number), office_code((number + 1) % OFFICES)


def forum_code(number):
    return f"FORUM-{number:02}"


def plan_document(plan, commitments, adopted):
    """Return the document of a plan, adopted on this day."""
    return {
        "format": 1,
        "plan": {
            "code": plan_code(plan),
            "languages": ["en", "zh"],
            "title": {"en": f"Plan of action {plan}", "zh": f"第{plan}号行动计划"},
            "issuer": {"en": f"Ministry {plan}", "zh": f"第{plan}部"},
            "adopted_on": adopted.isoformat(),
            "time_zone": ZONES[plan % 2],
            "review_interval_days": INTERVALS[plan % len(INTERVALS)],
        },
        "goals": [_titled("Goal", "目标", number) for number in range(1, GOALS + 1)],
        "areas": [_titled("Area", "领域", number) for number in range(1, AREAS + 1)],
        "forums": [_forum(number) for number in range(FORUMS)],
        "offices": [
            {
                "code": office_code(number),
                "name": {"en": f"Office {number:02}", "zh": f"第{number:02}处"},
            }
            for number in range(OFFICES)
        ],
        "commitments": [_commitment(plan, number, adopted) for number in range(commitments)],
    }


def _titled(name, words, number):
    return {"number": number, "title": {"en": f"{name} {number}", "zh": f"{words}{number}"}}


def _forum(number):
    """Return a forum. Of ten, the second to the fourth are parts of the first, the fifth is part of
    the second, and the sixth succeeds the third."""
    first = number - number % 10
    forum = {
        "code": forum_code(number),
        "name": {"en": f"Forum {number:02}", "zh": f"第{number:02}号论坛"},
        "kind": KINDS[number // 10 % len(KINDS)],
    }
    if number % 10 in (1, 2, 3):
        forum["parent"] = forum_code(first)
    elif number % 10 == 4:
        forum["parent"] = forum_code(first + 1)
    elif number % 10 == 5:
        forum["successor_of"] = forum_code(first + 2)
    return forum


def _commitment(plan, number, adopted):
    rng = Random(f"{SEED}/commitment/{plan}/{number}")
    (deed, deed_zh), (subject, subject_zh) = rng.choice(DEEDS), rng.choice(SUBJECTS)
    forums, place = forums_of(plan, number), f"{plan}-{number}"
    named = " and ".join(f"Forum {forum:02}" for forum in forums)
    named_zh = "和".join(f"第{forum:02}号论坛" for forum in forums)
    quotes = {
        "a": (f"{deed} of district {place}", f"在{place}地区{deed_zh}"),
        "b": ("keep the list up to date every quarter", "每季度更新清单"),
        "c": ("answer questions within thirty days", "三十日内答复询问"),
    }
    goal = number % GOALS + 1
    item = {
        "number": f"{number % AREAS + 1}.{number // AREAS + 1}",
        "area": number % AREAS + 1,
        "title": {
            "en": f"{deed.capitalize()} for {subject} in district {place}",
            "zh": f"在{place}地区为{subject_zh}{deed_zh}",
        },
        "text": {
            "en": f"The ministry will {quotes['a'][0]} for the sake of {subject}, "
            f"{quotes['b'][0]}, and {quotes['c'][0]}. It will report on what was done at {named}, "
            "and invite the auditors to examine the accounts of the years concerned.",
            "zh": f"为促进{subject_zh}，主管部门将{quotes['a'][1]}，{quotes['b'][1]}，并在"
            f"{quotes['c'][1]}。主管部门将在{named_zh}上报告工作情况，并邀请审计人员审查有关年度的账目。",
        },
        "kind": "standing" if is_standing(number) else "deliverable",
        "kind_reason": {"en": "As the text has it.", "zh": "依据文本。"},
        "goal": goal,
        "goal_reason": {"en": f"It serves {subject}.", "zh": f"服务于{subject_zh}。"},
        "supporting_goals": [goal % GOALS + 1],
        "forums": [
            {
                "code": forum_code(forum),
                "quote": {"en": f"Forum {forum:02}", "zh": f"第{forum:02}号论坛"},
            }
            for forum in forums
        ],
    }
    if keys := criteria_of(number):
        item["criteria"] = [
            {
                "key": key,
                "text": {"en": f"Sources show: {quotes[key][0]}.", "zh": f"{quotes[key][1]}。"},
                "quote": {"en": quotes[key][0], "zh": quotes[key][1]},
            }
            for key in keys
        ]
    if offices := offices_of(plan, number):
        item["lead_office"], item["supporting_offices"] = offices[0], [offices[1]]
    if day := due_on(number, adopted):
        item["due_on"] = day.isoformat()
    if keys := milestones_of(number):
        item["milestones"] = [
            {
                "key": key,
                "title": {"en": f"Step {key} of {place}", "zh": f"{place}第{key}步"},
                "due_on": (adopted + timedelta(days=700 + 400 * step)).isoformat(),
            }
            for step, key in enumerate(keys)
        ]
    return item


def adoption_day(begin):
    """Return the day on which the plans were adopted: two years before they are reported on."""
    return date.fromordinal(begin.toordinal() - 800)
