"""Examples in the OpenAPI document: real answers, recorded and compared by
`tests/test_api_examples.py`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

# By operation, such as "GET /api/v1/plans/": "request" where something is sent, and the answer by
# its status; "errors" has a problem by each status.
RECORDED = Path(__file__).with_name("examples.json")


@cache
def recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def with_examples(result: dict[str, Any], **_facts: Any) -> dict[str, Any]:
    """A hook of drf-spectacular's: puts them into the finished document."""
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            told = recorded().get(f"{method.upper()} {path}", {})
            if "request" in told:
                _put(operation["requestBody"], told["request"])
            for status, response in operation["responses"].items():
                example = told.get(status, recorded()["errors"].get(status))
                if example is not None:
                    _put(response, example)
    return result


def _put(message: dict[str, Any], example: Any) -> None:
    """Into the JSON of a request or response."""
    for media_type, content in message.get("content", {}).items():
        if media_type.endswith("json"):
            content["example"] = example
