"""Serializers of responses represent rows as those of Django REST framework do."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from commitments.api.fields import CodeChoiceField
from commitments.api.read_serializers import ReadSerializer
from commitments.choices import Status

pytestmark = pytest.mark.alike


class InnerFields(serializers.Serializer):
    name = serializers.CharField()


class RowFields(serializers.Serializer):
    """A field of each kind that a payload has."""

    text = serializers.CharField()
    number = serializers.IntegerField()
    flag = serializers.BooleanField()
    day = serializers.DateField()
    at = serializers.DateTimeField()
    code = CodeChoiceField(Status)
    words = serializers.ListField(child=serializers.CharField())
    renamed = serializers.CharField(source="text")
    optional = serializers.CharField(required=False)
    with_default = serializers.CharField(default="none")
    of_other = serializers.CharField(source="other.name", default=None)
    items = serializers.CharField(source="keys")
    computed = serializers.SerializerMethodField()
    inner = InnerFields(source="other", allow_null=True)
    inners = InnerFields(many=True, source="others")
    itself = InnerFields(source="*")
    sent = serializers.CharField(write_only=True)

    def get_computed(self, row):
        return "shown"


class Inner(ReadSerializer):
    name = serializers.CharField()


class Row(ReadSerializer, RowFields):
    inner = Inner(source="other", allow_null=True)
    inners = Inner(many=True, source="others")
    itself = Inner(source="*")


names = st.builds(SimpleNamespace, name=st.none() | st.text(max_size=3))
values = st.fixed_dictionaries(
    {
        # Values of another type than the field's are converted.
        "text": st.none() | st.text(max_size=3) | st.integers() | st.just(lambda: "called"),
        "number": st.none() | st.integers() | st.integers().map(str) | st.booleans(),
        "flag": st.none() | st.booleans() | st.sampled_from(["true", 0, 1]),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),
        "code": st.none() | st.sampled_from([*Status, *Status.values(), ""]),
        "words": st.none() | st.lists(st.text(max_size=2), max_size=2),
        "other": st.none() | names,
        "others": st.lists(names, max_size=2),
        "keys": st.text(max_size=2),
        "name": st.text(max_size=2),
    },
    optional={"optional": st.text(max_size=2), "with_default": st.none() | st.text(max_size=2)},
)


@given(values, st.booleans())
def test_a_row_is_represented_as_django_rest_framework_does(given_values, is_object):
    row = SimpleNamespace(**given_values) if is_object else given_values
    expected = RowFields().to_representation(row)
    assert list(Row().to_representation(row).items()) == list(expected.items())


def test_a_serializer_without_any_attribute_represents_a_row():
    class Only(ReadSerializer):
        inner = Inner(source="*")

    class Nothing(ReadSerializer):
        pass

    row = SimpleNamespace(name="A")
    assert Only().to_representation(row) == {"inner": {"name": "A"}}
    assert Nothing().to_representation(row) == {}


def test_a_missing_attribute_is_reported():
    class Day(ReadSerializer):
        day = serializers.DateField()
        text = serializers.CharField()

    assert Day().to_representation({"day": date(2026, 7, 1), "text": "A"}) == {
        "day": "2026-07-01",
        "text": "A",
    }
    with pytest.raises(AttributeError, match="`text` on serializer `Day`"):
        Day().to_representation(SimpleNamespace(day=None))
