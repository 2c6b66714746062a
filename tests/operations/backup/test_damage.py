"""Whatever happened to the bytes of an archive, it is refused, and the site stays empty."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from commitments.exceptions import RestoreError
from commitments.operations.backup import open_archive
from tests.examples import examples
from tests.factories import User

pytestmark = [pytest.mark.alike, pytest.mark.long]

CHANGES = {
    "a bit of the manifest": lambda content: flipped(content, 700, 1),
    "a bit of the database": lambda content: flipped(content, len(content) // 2, 128),
    "a bit of the padding": lambda content: flipped(content, len(content) - 1500, 1),
    "a bit of the end": lambda content: flipped(content, len(content) - 1, 1),
    "the last byte is missing": lambda content: content[:-1],
    "the last file is missing": lambda content: content[:-2048],
    "the second half is missing": lambda content: content[: len(content) // 2],
    "all but the first block is missing": lambda content: content[:512],
    "everything is missing": lambda content: b"",
    "a byte more": lambda content: content + b"\0",
    "twice": lambda content: content * 2,
    "another file": lambda content: b"%PDF-1.7" + content,
}


def flipped(content, place, bits):
    """Return the content with some bits of one byte changed."""
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


@pytest.fixture(scope="session")
def damaged(archive_of_record, tmp_path_factory):
    """`damaged(change)` returns the path of an archive whose content was changed."""
    path = tmp_path_factory.mktemp("damaged") / "site.tar"
    content = archive_of_record.read_bytes()

    def damaged(change):
        path.write_bytes(change(content))
        return path

    return damaged


@pytest.mark.parametrize("change", CHANGES)
def test_a_damaged_archive_leaves_the_site_empty(empty_site, damaged, change):
    for options in ({}, {"accept_foreign": True}):
        printed, failure = empty_site.run("restore", damaged(CHANGES[change]), **options)
        assert printed == ""
        assert "damaged" in failure
        assert empty_site.files() == {}
        assert not User.objects.exists()


def refused(path):
    with pytest.raises(RestoreError), open_archive(path):
        pass


@given(data=st.data())
@profile(max_examples=examples(500), deadline=None)
def test_any_changed_byte_is_noticed(archive_of_record, damaged, data):
    place = data.draw(st.integers(0, archive_of_record.stat().st_size - 1))
    bits = data.draw(st.integers(1, 255))
    refused(damaged(lambda content: flipped(content, place, bits)))


@given(data=st.data())
@profile(max_examples=examples(300), deadline=None)
def test_any_missing_end_is_noticed(archive_of_record, damaged, data):
    length = data.draw(st.integers(0, archive_of_record.stat().st_size - 1))
    refused(damaged(lambda content: content[:length]))


@given(more=st.binary(min_size=1, max_size=2048))
@profile(max_examples=examples(100), deadline=None)
def test_any_longer_end_is_noticed(damaged, more):
    refused(damaged(lambda content: content + more))


@given(data=st.data())
@profile(max_examples=examples(100), deadline=None)
def test_any_blocks_that_changed_places_are_noticed(archive_of_record, damaged, data):
    blocks = archive_of_record.stat().st_size // 512
    one, other = data.draw(st.lists(st.integers(0, blocks - 1), min_size=2, max_size=2))

    def exchanged(content):
        parts = [content[at : at + 512] for at in range(0, len(content), 512)]
        parts[one], parts[other] = parts[other], parts[one]
        return b"".join(parts)

    path = damaged(exchanged)
    if path.read_bytes() != archive_of_record.read_bytes():
        refused(path)


@pytest.mark.long
def test_every_second_changed_byte_outside_of_the_database_is_noticed(archive_of_record, damaged):
    content = archive_of_record.read_bytes()
    begin = content.index(b"SQLite format 3") if b"SQLite format 3" in content else 4096
    places = [*range(begin), *range(len(content) - 2048, len(content))]
    for place in places[::2]:
        refused(damaged(lambda content, place=place: flipped(content, place, 1 << place % 8)))


def test_an_untouched_archive_is_accepted(archive_of_record):
    with open_archive(Path(archive_of_record)) as archive:
        assert archive.is_own
