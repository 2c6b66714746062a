"""Merkle trees in memory, and the definitions of RFC 6962 written down once more: slow, recursive,
over lists of data. They share no code with the tracker."""

from hashlib import sha256

from commitments.ledger.proofs import merkle

# The eight leaves whose roots and proofs Certificate Transparency's own tests have.
LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
# Of the first 0, 1, 2 … of them.
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_of(data):
    """Return the tree over these leaves, with its nodes of every level in memory."""
    nodes = [merkle.leaf_hash(item) for item in data]
    levels = [nodes]
    while len(nodes) >= merkle.TILE_WIDTH:
        full = len(nodes) - len(nodes) % merkle.TILE_WIDTH
        nodes = [
            merkle.fold(nodes[start : start + merkle.TILE_WIDTH])
            for start in range(0, full, merkle.TILE_WIDTH)
        ]
        levels.append(nodes)

    def read(level, start, stop):
        assert start // merkle.TILE_WIDTH == (stop - 1) // merkle.TILE_WIDTH
        found = levels[level][start:stop]
        assert len(found) == stop - start
        return found

    return merkle.Tree(read)


# The definitions


def mth(data):
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\0" + data[0]).digest()
    k = _k(len(data))
    return sha256(b"\1" + mth(data[:k]) + mth(data[k:])).digest()


def path(m, data):
    if len(data) == 1:
        return []
    k = _k(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m, data):
    return subproof(m, data, True)


def subproof(m, data, is_whole):
    if m == len(data):
        return [] if is_whole else [mth(data)]
    k = _k(len(data))
    if m <= k:
        return [*subproof(m, data[:k], is_whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def _k(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


# Verification, by whoever has the root and no leaves but one


def included(index, size, leaf, hashes, root):
    """Return whether a proof leads from a leaf to the root: follow `path` backwards."""

    def climb(m, n, left):
        if n == 1:
            return leaf
        k, top = _k(n), left.pop()
        if m < k:
            return sha256(b"\1" + climb(m, k, left) + top).digest()
        return sha256(b"\1" + top + climb(m - k, n - k, left)).digest()

    left = list(hashes)
    try:
        return climb(index, size, left) == root and not left
    except IndexError:
        return False


def consistent(old, new, old_root, new_root, hashes):
    """Return whether a proof leads from one root to another: follow `subproof` backwards."""

    def climb(m, n, is_whole, left):
        if m == n:
            both = old_root if is_whole else left.pop()
            return both, both
        k, top = _k(n), left.pop()
        if m <= k:
            was, now = climb(m, k, is_whole, left)
            return was, sha256(b"\1" + now + top).digest()
        was, now = climb(m - k, n - k, False, left)
        return sha256(b"\1" + top + was).digest(), sha256(b"\1" + top + now).digest()

    left = list(hashes)
    try:
        return climb(old, new, True, left) == (old_root, new_root) and not left
    except IndexError:
        return False
