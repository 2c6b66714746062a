"""The index of the tidy tables of a plan."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import UtcTimeField


class DataTableSerializer(serializers.Serializer[Any]):
    """A table: `parameters` are those of the query that it knows."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()


class SnapshotSerializer(serializers.Serializer[Any]):
    """The tables at the end of a quarter as a ZIP that never changes. `withdrawn_by` is the number
    of the ledger link of an erasure because of which its content is gone, otherwise null; without
    a content, `url` is null."""

    quarter = serializers.CharField(source="snapshot.quarter")
    known_at = UtcTimeField(source="snapshot.known_at")
    made_at = UtcTimeField(source="snapshot.made_at")
    sha256 = serializers.CharField(source="snapshot.sha256")
    bytes = serializers.IntegerField(source="snapshot.size")
    withdrawn_by = serializers.IntegerField(
        source="snapshot.withdrawn_by.seq", default=None, allow_null=True
    )
    url = serializers.URLField(allow_null=True)
    citation = serializers.CharField()


class DataIndexSerializer(serializers.Serializer[Any]):
    """The tidy tables of a plan, in the language of the request. The first two numbers of `version`
    are those of the tables' form, the third one grows with the record."""

    plan = serializers.CharField()
    title = serializers.CharField()
    version = serializers.CharField()
    html_url = serializers.URLField()
    datapackage = serializers.URLField()
    tables = DataTableSerializer(many=True)
    snapshots = SnapshotSerializer(many=True)
