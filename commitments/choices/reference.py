"""Kinds of forums, and the precision of dates."""

from __future__ import annotations

from commitments.choices.codes import Codes


class ForumKind(Codes):
    UN_BODY = "un_body", "United Nations body", "联合国机构"
    REGIONAL_ORGANISATION = "regional_organisation", "Regional organisation", "区域组织和机制"
    DIALOGUE = "dialogue", "Dialogue", "对话机制"
    MULTISTAKEHOLDER = "multistakeholder", "Multistakeholder body", "多利益攸关方平台"
    SUMMIT_OR_CONFERENCE = "summit_or_conference", "Summit or conference", "峰会、会议"
    INITIATIVE = "initiative", "Initiative", "倡议"
    BILATERAL = "bilateral", "Bilateral channel", "双边渠道"


class DatePrecision(Codes):
    DAY = "day", "Date", "日"
    MONTH = "month", "Month", "月"
    YEAR = "year", "Year", "年"
