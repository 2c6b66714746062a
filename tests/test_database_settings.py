"""The settings of each connection to PostgreSQL."""

import pytest
from django.db import connection

from tracker.data_settings import server_options


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "expected"), [("lock_timeout", "5s"), ("statement_timeout", "0"), ("jit", "off")]
)
def test_postgresql_is_told_how_long_to_wait_and_not_to_compile_statements(name, expected):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (expected,)


def test_what_the_address_of_the_database_sets_for_the_server_counts():
    told = server_options("-c search_path=tracker -c jit=on")
    assert told.endswith("-c jit=off -c search_path=tracker -c jit=on")
