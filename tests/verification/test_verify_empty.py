"""`verify_ledger` before anything has been recorded."""

from tests.verification.tampering import verify


def test_an_empty_database_has_no_differences(db):
    assert verify() == []
