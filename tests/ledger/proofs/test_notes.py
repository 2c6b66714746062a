"""Signed notes, keys and cosignatures, with the examples of the specifications."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.ledger.proofs.formats import TreeHead
from commitments.ledger.proofs.notes import (
    InvalidNote,
    KeyType,
    SigningKey,
    VerifierKey,
    cosigned_at,
    read_note,
    read_signatures,
)
from tests.ledger.proofs.cosigning import TestWitness

pytestmark = pytest.mark.alike

# The example of c2sp.org/signed-note.
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
NOTE = f"This is an example message.\n\n— example.com/foo {SIGNATURE}\n"
NAME = "tracker.example.org/api/v1/ledger"
TEXT = TreeHead(NAME, 3, bytes(32)).text


def test_the_example_of_the_specification_verifies():
    key, note = VerifierKey.parse(KEY), read_note(NOTE)
    assert str(key) == KEY
    assert note.text == "This is an example message.\n"
    assert note.signature_of(key).line == f"— example.com/foo {SIGNATURE}\n"


def test_a_changed_text_or_signature_does_not():
    key = VerifierKey.parse(KEY)
    for changed in (NOTE.replace("an example", "a  example"), NOTE.replace("aQM=", "aQI=")):
        with pytest.raises(InvalidNote, match="is wrong"):
            read_note(changed).signature_of(key)


def test_signatures_of_unknown_keys_are_passed_over():
    signed = SigningKey.generate(NAME)
    note = read_note(signed.sign(TEXT) + f"— example.com/foo {SIGNATURE}\n")
    assert note.signature_of(signed.verifier).name == NAME
    assert note.signature_of(SigningKey.generate(NAME).verifier) is None
    # It is of this key, and of another text.
    with pytest.raises(InvalidNote):
        note.signature_of(VerifierKey.parse(KEY))


def test_a_private_key_is_read_back_and_not_shown():
    key = SigningKey.generate(NAME)
    assert SigningKey.parse(str(key)) == key
    assert str(key).startswith(f"PRIVATE+KEY+{NAME}+{key.verifier.id.hex()}+")
    assert str(key).split("+", 4)[4] not in repr(key)


@given(text=st.text(st.characters(exclude_characters="\r", exclude_categories=("C",))))
def test_whatever_is_signed_is_read_back(text):
    key = SigningKey.generate(NAME)
    note = read_note(key.sign(f"{text}\n"))
    assert note.text == f"{text}\n"
    assert note.signature_of(key.verifier)


@given(content=st.text() | st.text("— \n+=aA1/"))
def test_no_text_makes_the_reader_fail_otherwise(content):
    for read in (read_note, VerifierKey.parse, SigningKey.parse, read_signatures, TreeHead.parse):
        with suppress(InvalidNote):
            read(content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "text\n",
        "text\n\n",
        NOTE.removesuffix("\n"),
        NOTE.replace("—", "-"),
        NOTE.replace("— example", "—  example"),
        NOTE.replace("message", "mess\tage"),
        NOTE.replace("foo Uw", "foo+1 Uw"),
        NOTE.replace(SIGNATURE, "AAAA"),
        NOTE.replace(SIGNATURE, SIGNATURE.replace("=", "")),
        NOTE + "— x AAAAAAAA\n" * 100,
        "x" * 100_000 + NOTE,
    ],
)
def test_a_malformed_note_is_refused(content):
    with pytest.raises(InvalidNote):
        read_note(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("530d903a", "530D903A"),
        KEY.replace("example.com/foo", "example.com/bar"),
        KEY.replace("example.com/foo", "example.com foo"),
        KEY[:-1],
        KEY.replace("AekyeRrm", "BukyeRrm"),  # type 6: ML-DSA-44
        KEY + "\n",
    ],
)
def test_a_malformed_key_is_refused(text):
    with pytest.raises(InvalidNote):
        VerifierKey.parse(text)


def test_a_private_key_with_a_wrong_id_is_refused():
    text = str(SigningKey.generate(NAME))
    with pytest.raises(InvalidNote, match="damaged"):
        SigningKey.parse(text.replace(NAME, "other.example.org"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{NAME}\n3\n",
        TEXT.replace("3", "03"),
        TEXT.replace("3", "-3"),
        TEXT.replace("3", "３"),
        TEXT.replace("AAAA", "AAA", 1),
        TEXT + "extension\n",
        TEXT.removesuffix("\n"),
        TEXT.replace(NAME, ""),
    ],
)
def test_a_text_that_is_no_tree_head_is_refused(text):
    with pytest.raises(InvalidNote):
        TreeHead.parse(text)


def test_a_tree_head_is_read_back():
    assert TreeHead.parse(TEXT) == TreeHead(NAME, 3, bytes(32))


# Cosignatures

# The example of c2sp.org/tlog-cosignature, without the key that made it.
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q\
1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2\
oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def test_the_cosigned_example_is_read_with_its_time():
    note = read_note(COSIGNED)
    assert TreeHead.parse(note.text).size == 20_852_163
    assert cosigned_at(note.signatures[1]) == 1_679_315_147


def test_a_cosignature_covers_the_time_and_the_text():
    witness = TestWitness("witness.example/w1")
    [signature] = read_signatures(witness.line(TEXT, 1_700_000_000))
    assert witness.key.type is KeyType.COSIGNATURE
    assert witness.key.verify(TEXT, signature.value)
    assert cosigned_at(signature) == 1_700_000_000
    later = (1_700_000_001).to_bytes(8, "big") + signature.value[8:]
    assert not witness.key.verify(TEXT, later)
    assert not witness.key.verify(TEXT.replace("3", "4"), signature.value)
    assert not witness.key.verify(TEXT, signature.value[:-1])
    # The same bytes are no signature of a note.
    plain = VerifierKey(witness.key.name, KeyType.NOTE, witness.key.public)
    assert not plain.verify(TEXT, signature.value[8:])
