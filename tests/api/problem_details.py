"""Problem details as the API answers them."""

import re

from commitments.api.problem_types import ProblemType
from commitments.choices import ErrorCode

# The words of libraries, which mean nothing to a reader.
JARGON = re.compile(
    r"Ensure|This field|dictionary|elements|valid choice|pk|boolean|datetime"
    r"|username/password|^Method \"|Unsupported media type \""
)
TYPES = "http://testserver/api/v1/problems/"


def problem(answer, status):
    """The problem detail of an answer, once its form is right: type, title and status belong
    together, and every error has a code of the list."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] in ("no-store", "private, no-store")
    found = answer.json()
    assert set(found) - {"errors", "existing"} == {"type", "title", "status", "detail"}
    problem_type = type_of(found)
    assert (found["status"], problem_type.status) == (status, status)
    assert found["title"]
    assert found["detail"]
    assert not JARGON.search(found["detail"]), found
    for error in found.get("errors", ()):
        assert error["detail"]
        assert not JARGON.search(error["detail"]), error
        assert ErrorCode(error["code"])
    return found


def type_of(found):
    return ProblemType(found["type"].rpartition("/problems/")[2].rstrip("/"))
