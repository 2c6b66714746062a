"""The files of proofs and the paths of tiles, with the examples of the specifications."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.ledger.proofs.formats import (
    Tile,
    consistency_file,
    inclusion_file,
    parse_tile,
    tiles_of,
)

pytestmark = pytest.mark.alike

CHECKPOINT = "log\n3\nroot=\n\n— log AAAA\n"
HASH = bytes(32)
BASE64 = "A" * 43 + "="


def test_a_proof_file_has_the_lines_of_the_specification():
    assert inclusion_file(0, [HASH], CHECKPOINT, extra=b"{}") == (
        f"c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n{BASE64}\n\n{CHECKPOINT}"
    )
    assert inclusion_file(2, [], CHECKPOINT) == f"c2sp.org/tlog-proof@v1\nindex 2\n\n{CHECKPOINT}"


def test_a_consistency_file_is_what_a_witness_is_sent():
    assert consistency_file(0, [], CHECKPOINT) == f"old 0\n\n{CHECKPOINT}"
    assert consistency_file(2, [HASH], CHECKPOINT) == f"old 2\n{BASE64}\n\n{CHECKPOINT}"


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "0/000"),
        (Tile(0, 1_234_067, 256), "0/x001/x234/067"),
        (Tile(1, 1_000, 17), "1/x001/000.p/17"),
        (Tile(None, 273, 112), "entries/273.p/112"),
    ],
)
def test_the_path_of_a_tile_is_that_of_the_specification(tile, path):
    assert tile.path == path
    assert parse_tile(path) == tile


@given(
    tile=st.builds(Tile, st.none() | st.integers(0, 63), st.integers(0, 2**52), st.integers(1, 256))
)
def test_every_tile_is_found_by_its_path(tile):
    assert parse_tile(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/", "0/0", "00/000", "-1/000", "0/000.p/", "0/000.p/0", "0/000.p/256"),
        *("0/000.p/01", "0/001/234", "0/x001", "0/x000/001", "0/000/", "x/000", "entries/0000"),
        *("0/０００", "0/00x0"),
    ],
)
def test_what_is_no_path_of_a_tile_is_not_found(path):
    assert parse_tile(path) is None


@given(path=st.text("0123456789x/.pentris", max_size=20) | st.text())
def test_no_path_is_read_as_a_tile_with_another_path(path):
    tile = parse_tile(path)
    assert tile is None or tile.path == path


def test_the_tiles_of_a_tree_are_those_of_the_specification():
    """A tree of 70,000: 273 full tiles and one of 112, one full tile and one of 17, one of 1."""
    tiles = [tile for tile in tiles_of(70_000) if tile.level is not None]
    widths = {level: [t.width for t in tiles if t.level == level] for level in range(4)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}
    assert [tile.path for tile in tiles_of(256)] == ["entries/000", "0/000", "1/000.p/1"]
    assert tiles_of(0) == []


@given(size=st.integers(0, 70_000))
def test_every_tile_of_a_tree_is_in_it_and_in_none_that_is_smaller(size):
    tiles = tiles_of(size)
    assert all(tile.is_in(size) for tile in tiles)
    assert sum(tile.width for tile in tiles if tile.level is None) == size
    last = [tile for tile in tiles if tile.level == 0][-1:]
    assert not any(tile.is_in(size - 1) for tile in last)
