"""Examples for the OpenAPI document, read from `examples.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_EXAMPLES = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))

# By operation: request bodies as JSON and as a form, and response bodies; for a list, one item.
REQUESTS: Mapping[str, Any] = _EXAMPLES["requests"]
FORMS: Mapping[str, Any] = _EXAMPLES["forms"]
RESPONSES: Mapping[str, Any] = _EXAMPLES["responses"]
# By HTTP status.
PROBLEM_EXAMPLES: Mapping[int, Any] = {
    status: {"type": "about:blank", "status": status, **members}
    for status, members in _EXAMPLES["problems"].items()
}
