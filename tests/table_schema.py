"""A validator of tables against their Data Package: the rules of Table Schema 2.0 for the types and
constraints that the tidy tables use. The descriptor itself is checked by the standard's own JSON
Schema."""

import csv
import io
import json
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path

import jsonschema

PROFILE = Path(__file__).parent / "data" / "standards" / "datapackage-2.0.json"
BOOLEANS = {"true": True, "True": True, "TRUE": True, "1": True}
BOOLEANS |= {"false": False, "False": False, "FALSE": False, "0": False}
XML_DATETIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@cache
def profile():
    return json.loads(PROFILE.read_text(encoding="utf-8"))


def descriptor_errors(descriptor):
    """Return what the standard's JSON Schema finds wrong with a descriptor."""
    validator = jsonschema.Draft7Validator(profile())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(descriptor)]


def cast(text, type_):
    """Return the value of a cell that is not missing; raise ValueError if it has another type."""
    if type_ == "string":
        return text
    if type_ == "integer":
        return int(text)
    if type_ == "boolean":
        return BOOLEANS[text]
    if type_ == "date":
        return date.fromisoformat(text)
    if type_ == "datetime" and XML_DATETIME.fullmatch(text):
        return datetime.fromisoformat(text)
    if type_ == "array" and isinstance(json.loads(text), list):
        return json.loads(text)
    raise ValueError(f"{text} is no {type_}")


class Resource:
    """A table as its resource describes it: `rows` of values by name, and its errors."""

    def __init__(self, resource, content):
        self.name, self.schema = resource["name"], resource["schema"]
        self.errors, self.rows = [], []
        text = content.decode(resource["encoding"])
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(lines)
        fields = self.schema["fields"]
        if header != [field["name"] for field in fields]:
            self.errors.append(f"{self.name}: the header is {header}")
        for number, cells in enumerate(lines, 2):
            values = zip(fields, cells, strict=True)
            self.rows.append(
                {field["name"]: self._value(field, text, number) for field, text in values}
            )
        self._check_key()

    def _value(self, field, text, number):
        place = f"{self.name}:{number}: {field['name']}"
        if text in self.schema["missingValues"]:
            if field.get("constraints", {}).get("required"):
                self.errors.append(f"{place} is missing")
            return None
        try:
            value = cast(text, field["type"])
        except (ValueError, KeyError):
            self.errors.append(f"{place} is no {field['type']}: {text!r}")
            return None
        categories = [category["value"] for category in field.get("categories", [])]
        if categories and value not in categories:
            self.errors.append(f"{place} is none of its categories: {text!r}")
        return value

    def _check_key(self):
        keys = [self.key(row, self.schema["primaryKey"]) for row in self.rows]
        if any(None in key for key in keys):
            self.errors.append(f"{self.name}: a primary key is missing")
        if len(set(keys)) != len(keys):
            self.errors.append(f"{self.name}: a primary key occurs twice")

    @staticmethod
    def key(row, names):
        return tuple(row[name] for name in names)


def read_package(descriptor, content_of):
    """Return the resources of a package by name; `content_of` returns the bytes at a path."""
    return {
        resource["name"]: Resource(resource, content_of(resource["path"]))
        for resource in descriptor["resources"]
    }


def package_errors(descriptor, content_of):
    """Return everything that is wrong with a package and its tables."""
    errors = descriptor_errors(descriptor)
    tables = read_package(descriptor, content_of)
    for table in tables.values():
        errors += table.errors
        for foreign in table.schema.get("foreignKeys", []):
            reference = foreign["reference"]
            referenced = tables[reference.get("resource", table.name)]
            there = {referenced.key(row, reference["fields"]) for row in referenced.rows}
            keys = {table.key(row, foreign["fields"]) for row in table.rows}
            errors += [
                f"{table.name}: {key} is not in {referenced.name}"
                for key in keys - there
                if None not in key
            ]
    return errors
