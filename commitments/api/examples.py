"""Examples for the OpenAPI document, read from `examples.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import translation

from commitments.api.problem_types import ProblemType

_EXAMPLES = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))

# By operation: request bodies as JSON and as a form, and response bodies; for a list, one item.
REQUESTS: Mapping[str, Any] = _EXAMPLES["requests"]
FORMS: Mapping[str, Any] = _EXAMPLES["forms"]
RESPONSES: Mapping[str, Any] = _EXAMPLES["responses"]


def _problem(example: Mapping[str, Any]) -> dict[str, Any]:
    problem_type = ProblemType(example["type"])
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "detail": str(problem_type.definition),
            **example,
            "type": f"https://tracker.example.org/api/v1/problems/{problem_type}/",
            "title": str(problem_type.label),
            "status": problem_type.status,
        }


# By HTTP status.
PROBLEM_EXAMPLES: Mapping[int, Any] = {
    status: _problem(example) for status, example in _EXAMPLES["problems"].items()
}
