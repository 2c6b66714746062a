"""The index of the tidy tables of a plan."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class DataTableSerializer(serializers.Serializer[Any]):
    """A table: `parameters` are those of the query that it knows."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()


class DataIndexSerializer(serializers.Serializer[Any]):
    """The tidy tables of a plan, in the language of the request. The first two numbers of `version`
    are those of the tables' form, the third one grows with the record."""

    plan = serializers.CharField()
    title = serializers.CharField()
    version = serializers.CharField()
    html_url = serializers.URLField()
    datapackage = serializers.URLField()
    tables = DataTableSerializer(many=True)
