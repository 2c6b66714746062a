"""The content of a plan file or an update file: what YAML gives, checked against a schema."""

from typing import Any

Document = dict[str, Any]
