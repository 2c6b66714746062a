"""The Merkle tree: its roots and proofs are those of RFC 6962."""

import time
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.ledger.proofs import merkle
from tests.examples import examples
from tests.ledger.proofs import trees

pytestmark = pytest.mark.alike

MILLION = 1_000_000
# Sizes at which a tile, or a tile of tiles, is just full or just not.
EDGES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000]


def numbered(size):
    return [number.to_bytes(32, "big") for number in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size):
    root = bytes.fromhex(trees.ROOTS[size])
    assert trees.tree_of(trees.LEAVES).root(size) == root == trees.mth(trees.LEAVES[:size])


def test_the_proofs_are_those_of_the_example_in_the_rfc():
    """Section 2.1.3: seven leaves d0 to d6, with the nodes a to l between."""
    data = numbered(7)
    a, b, c, d, e, f, j = (merkle.leaf_hash(item) for item in data)
    g, h, i = (merkle.node_hash(*pair) for pair in ((a, b), (c, d), (e, f)))
    k, m = merkle.node_hash(g, h), merkle.node_hash(i, j)
    tree = trees.tree_of(data)
    assert tree.inclusion_proof(0, 7) == [b, h, m]
    assert tree.inclusion_proof(3, 7) == [c, g, m]
    assert tree.inclusion_proof(4, 7) == [f, j, k]
    assert tree.inclusion_proof(6, 7) == [i, k]
    assert tree.consistency_proof(3, 7) == [c, d, g, m]
    assert tree.consistency_proof(4, 7) == [m]
    assert tree.consistency_proof(6, 7) == [i, j, k]


def test_nothing_is_to_be_shown_of_an_empty_or_an_equal_tree():
    tree = trees.tree_of(numbered(5))
    assert tree.consistency_proof(0, 5) == tree.consistency_proof(5, 5) == []
    assert tree.inclusion_proof(0, 1) == []


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_the_tree_does_not_have_is_refused(index, size):
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of {size}"):
        trees.tree_of(numbered(5)).inclusion_proof(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_that_is_no_earlier_one_is_refused(old, new):
    with pytest.raises(ValueError, match="does not contain"):
        trees.tree_of(numbered(5)).consistency_proof(old, new)


@pytest.mark.long
@given(data=st.data())
@settings(max_examples=examples(300), deadline=None)
def test_every_root_and_proof_is_that_of_the_definitions(data):
    leaves = [bytes([n % 256, n // 256]) for n in range(data.draw(st.integers(1, 700)))]
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    tree = trees.tree_of(leaves)
    assert tree.root(size) == trees.mth(leaves[:size])
    assert tree.inclusion_proof(index, size) == trees.path(index, leaves[:size])
    assert tree.consistency_proof(old, size) == trees.proof(old, leaves[:size])


@given(size=st.integers(0, 1500))
@settings(max_examples=examples(100), deadline=None)
def test_a_tree_that_grows_leaf_by_leaf_has_the_same_nodes_and_root(size):
    leaves, grown, nodes = numbered(size), merkle.GrowingTree(), {}
    for leaf in leaves:
        for level, node in grown.add(merkle.leaf_hash(leaf)):
            nodes.setdefault(level, []).append(node)
    tree = trees.tree_of(leaves)
    assert (grown.size, grown.root()) == (size, tree.root(size))
    assert nodes == ({1: list(tree.read(1, 0, size // 256))} if size >= 256 else {})


@pytest.mark.long
def test_a_tree_is_the_same_at_the_edges_of_its_tiles():
    leaves = numbered(max(EDGES))
    tree, grown, roots, nodes = trees.tree_of(leaves), merkle.GrowingTree(), {}, {}
    for leaf in leaves:
        for level, node in grown.add(merkle.leaf_hash(leaf)):
            nodes[level, (grown.size >> 8 * level) - 1] = node
        if grown.size in EDGES:
            roots[grown.size] = grown.root()
    assert {size: tree.root(size) for size in EDGES} == roots
    assert nodes[1, 255] == tree.read(1, 255, 256)[0]
    assert nodes[2, 0] == tree.read(2, 0, 1)[0]
    for size in EDGES:
        for index in {0, size // 2, size - 1}:
            leaf = merkle.leaf_hash(leaves[index])
            path = tree.inclusion_proof(index, size)
            assert trees.included(index, size, leaf, path, roots[size])
        for old in (edge for edge in EDGES if edge <= size):
            shown = tree.consistency_proof(old, size)
            assert trees.consistent(old, size, roots[old], roots[size], shown)


@pytest.mark.long
@pytest.mark.parametrize("size", [1, 2, 7, 64, 300])
def test_a_second_library_agrees(size):
    leaves = numbered(size)
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        theirs.append_entry(leaf)
    ours = trees.tree_of(leaves)
    for number in range(1, size + 1):
        assert ours.root(number) == theirs.get_root(number)
        # Theirs has the leaf itself too, and goes from left to right.
        path = [merkle.leaf_hash(leaves[number - 1]), *ours.inclusion_proof(number - 1, size)]
        assert sorted(path) == sorted(theirs.prove_inclusion(number, size).path)


@pytest.mark.long
def test_a_million_leaves_take_seconds(capsys):
    begun = time.perf_counter()
    leaves = numbered(MILLION)
    tree = trees.tree_of(leaves)
    root = tree.root(MILLION)
    built = time.perf_counter()
    for index in range(0, MILLION, 1009):
        leaf = merkle.leaf_hash(leaves[index])
        assert trees.included(index, MILLION, leaf, tree.inclusion_proof(index, MILLION), root)
    proved = time.perf_counter()
    for old in range(1, MILLION, 10_007):
        shown = tree.consistency_proof(old, MILLION)
        assert trees.consistent(old, MILLION, tree.root(old), root, shown)
    compared = time.perf_counter()
    with capsys.disabled():
        print(
            f"\n  a million leaves: tree {built - begun:.1f} s; 992 inclusion proofs "
            f"{proved - built:.1f} s; 100 consistency proofs {compared - proved:.1f} s"
        )
    assert compared - begun < 60


def test_a_leaf_cannot_pass_for_a_node():
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
    assert sha256().digest() == merkle.EMPTY_ROOT
