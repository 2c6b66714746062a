"""A PDF that acts when it is opened, or has other files inside, is refused however it is written;
what looks like it is not."""

import binascii
import io
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.exceptions import FileRefused
from commitments.files.file_types import recognise
from tests.examples import examples

pytestmark = pytest.mark.alike

ACTS, OPENS, HIDES = "The PDF has scripts", "opens an address", "cannot be checked"
ENCRYPTED = "is encrypted"
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


def refusal(*parts):
    """Return why a PDF of these parts is refused, "" if it is accepted."""
    try:
        recognise(io.BytesIO(b"%PDF-1.7\n" + b"\n".join(parts)), "a.pdf")
    except FileRefused as error:
        return str(error)
    return ""


def obj(content, number=1):
    return b"%d 0 obj %b endobj" % (number, content)


def object_stream(
    content, head=b"/Type /ObjStm /Filter /FlateDecode", pack=zlib.compress, number=7
):
    """The object of this number in a stream of objects, which is packed by this function."""
    listed = b"%d 0 " % number
    packed = pack(listed + content)
    return b"2 0 obj <<%b /N 1 /First %d /Length %d>>\nstream\n%b\nendstream endobj" % (
        head,
        len(listed),
        len(packed),
        packed,
    )


@pytest.mark.parametrize(
    "action",
    [
        b"/S /JavaScript /JS (app.alert(1))",
        b"/S/J#61vaScript",
        b"/S/#4aavaScr#69p#74",
        b"/S /Launch /F (cmd.exe)",
        b"/S/SubmitForm",
        b"/Type /EmbeddedFile",
        b"/Names << /EmbeddedFiles 3 0 R >>",
        b"/RichMedia",
        b"/XFA [ (a) 1 0 R ]",
    ],
)
@pytest.mark.parametrize("packed", ["", "/ObjStm", "/Obj#53tm"])
def test_a_pdf_that_acts_is_refused(action, packed):
    part = b"1 0 obj << " + action + b" >> endobj"
    if packed:
        stream = zlib.compress(part)
        part = (
            b"2 0 obj << /Type "
            + packed.encode()
            + b" /N 1 >>\nstream\n"
            + stream
            + b"\nendstream endobj"
        )
    assert ACTS in refusal(part)


def test_forms_that_a_comment_hides_are_refused():
    assert ACTS in refusal(obj(b"<< /XFA%x\n%y\n 5 0 R >>"))


# Objects that are packed together


def hexadecimal(content):
    return binascii.hexlify(content) + b">"


def hexadecimal_and_flate(content):
    return hexadecimal(zlib.compress(content))


def with_a_wrong_sum(content):
    return zlib.compress(content)[:-4] + b"\0\0\0\0"


@pytest.mark.parametrize(
    "head",
    [
        b"/Type/ObjStm/Filter[/FlateDecode]",
        b"/Type /ObjStm /DecodeParms null /Filter /FlateDecode",
        b"/Filter /FlateDecode /Extends 9 0 R\n/Type /ObjStm",
        b"/Filter/FlateDecode/Type/Obj#53tm",
        b"/Filter /FlateDecode",
    ],
)
def test_what_is_packed_as_programs_do_it_is_searched(head):
    assert ACTS in refusal(object_stream(SCRIPT, head))
    assert refusal(object_stream(b"<< /S /GoTo >>", head)) == ""


def test_the_rest_of_what_is_packed_is_searched_wherever_a_stream_seems_to_end():
    def pack(content):
        packer = zlib.compressobj(0)
        return (
            packer.compress(b"endstream endobj")
            + packer.flush(zlib.Z_FULL_FLUSH)
            + zlib.compress(content)[2:]
        )

    assert refusal(object_stream(SCRIPT, pack=pack))


@pytest.mark.parametrize(
    ("head", "pack"),
    [
        (b"/Type /ObjStm /Filter /FlateDecode /X (" + b"a" * 600 + b")", zlib.compress),
        (b"/Type /ObjStm /Filter /FlateDecode\n%" + b"a" * 600 + b"\n", zlib.compress),
        (b"/Type /ObjStm /Filter /FlateDecode /X (stream\nx)", zlib.compress),
        (b"/Type /ObjStm /Filter /ASCIIHexDecode", hexadecimal),
        (b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", hexadecimal_and_flate),
        (b"/Filter /ASCIIHexDecode", hexadecimal),
        (b"/Type /ObjStm /Filter 5 0 R", zlib.compress),
        (b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>", zlib.compress),
        (b"/Type /ObjStm /Filter /FlateDecode", with_a_wrong_sum),
        (b"/Type /ObjStm /Filter /FlateDecode", lambda content: b"\n" + zlib.compress(content)),
    ],
)
def test_what_is_packed_in_another_way_is_refused(head, pack):
    assert HIDES in refusal(object_stream(SCRIPT, head, pack))


@pytest.mark.long
def test_what_unpacks_to_more_than_is_searched_is_refused():
    assert HIDES in refusal(object_stream(bytes(50_000_001)), object_stream(SCRIPT))


def test_what_is_not_packed_at_all_is_searched_with_the_rest():
    assert ACTS in refusal(object_stream(SCRIPT, b"/Type /ObjStm", bytes))
    assert refusal(object_stream(b"<< >>", b"/Type /ObjStm", bytes)) == ""


def test_an_outline_is_no_stream_of_objects():
    outline = b"<< /Type /Outlines /First 12 0 R /Last 130 0 R /FirstChar 32 >>"
    assert refusal(obj(outline), object_stream(outline)) == ""


# Encryption


@pytest.mark.parametrize(
    "entry",
    [b"/#45ncrypt 5 0 R", b"/Encrypt%x\n5 0 R", b"/Encrypt 5%x\n0 R", b"/En#63rypt%\r%\n<< >>"],
)
def test_an_encrypted_pdf_is_refused_however_it_is_written(entry):
    assert ENCRYPTED in refusal(b"trailer << /Root 1 0 R " + entry + b" >>")


def test_words_about_encryption_are_accepted():
    assert refusal(obj(b"<< /EncryptMetadata true /Title (/Encrypt it) /Encrypt null >>")) == ""


# What happens on opening

ADDRESS = b"<< /S /URI /URI (https://example.org/) >>"
OTHER_FILE = b"<< /S /%b /F (\\\\\\\\host\\\\x.pdf) /D [0 /Fit] >>"


@pytest.mark.parametrize(
    "action",
    [
        b"/OpenAction " + ADDRESS,
        b"/OpenAction%x\n" + ADDRESS,
        b"/Open#41ction" + ADDRESS,
        b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next " + ADDRESS + b" >>",
        b"/OpenAction << /S /GoTo /D (endobj >>) /S /URI /URI (x) >>",
        rb"/OpenAction << /S /GoTo /D (a\) >>) /S /URI /URI (x) >>",
        b"/OpenAction 8 0 R",
        b"/OpenAction +7 0 R",
        b"/OpenAction << /S /Thread /F (x) >>",
        b"/AA << /O " + ADDRESS + b" >>",
        b"/#41A%x\n<< /O 5 0 R >>",
        b"/AA 5 0 R",
        b"/AA 5%x\n0 R",
        b"/OpenAction " + OTHER_FILE % b"GoToR",
        b"/A " + OTHER_FILE % b"GoToR",
        b"/A " + OTHER_FILE % b"GoToE",
        b"/A " + OTHER_FILE % b"Go#54oE",
    ],
)
def test_a_pdf_that_opens_something_else_is_refused(action):
    part = b"<< /Type /Catalog " + action + b" >>"
    assert OPENS in refusal(obj(part))
    assert OPENS in refusal(object_stream(part))


@pytest.mark.parametrize(
    "action",
    [
        b"[3 0 R /Fit]",
        b" [3 0 R/XYZ null null 0]",
        b" null",
        b"<</D[9 0 R/XYZ null null null]/S/GoTo>>",
        b" << /Type /Action /S /GoTo /D (chapter.1) >>",
        rb"<< /S /GoTo /D (appendix \(a\)) /SD [5 0 R /Fit] >>",
        b" << /S /Named /N /Print >>",
    ],
)
def test_a_pdf_that_shows_a_place_of_its_own_is_accepted(action):
    assert refusal(obj(b"<< /OpenAction" + action + b" >>")) == ""
    assert refusal(obj(b"<< /OpenAction 7 0 R >>"), obj(action, 7)) == ""
    assert refusal(obj(b"<< /OpenAction 7 0 R >>"), object_stream(action)) == ""


def test_what_happens_on_opening_is_found_where_nothing_is_packed():
    place = object_stream(b"[3 0 R /Fit]", b"/Type /ObjStm", bytes)
    assert refusal(obj(b"<< /OpenAction 7 0 R >>"), place) == ""
    action = object_stream(ADDRESS, b"/Type /ObjStm", bytes)
    assert OPENS in refusal(obj(b"<< /OpenAction 7 0 R >>"), action)


def test_an_object_is_found_by_its_number_however_it_is_written():
    catalogue, decoy = obj(b"<< /OpenAction 7 0 R >>"), obj(b"[3 0 R /Fit]", 7)
    for number in (b"07 0", b"7 00", b"0007 0"):
        assert OPENS in refusal(catalogue, decoy, number + b" obj " + ADDRESS + b" endobj")


@pytest.mark.parametrize("value", [b"[", b"<<>>", b"<< >>", b" x"])
def test_events_of_which_there_are_none_are_accepted(value):
    assert refusal(obj(b"<< /Page 1 >>"), b"\x9f/AA" + value) == ""


def test_an_action_that_stands_apart_is_found_and_refused():
    catalogue = b"<< /OpenAction 7 0 R >>"
    for part in (obj(ADDRESS, 7), object_stream(ADDRESS), b"7 0 obj%x\n" + ADDRESS):
        assert OPENS in refusal(obj(catalogue), part)
        assert OPENS in refusal(object_stream(catalogue, number=1), part)
        assert OPENS in refusal(obj(catalogue), obj(b"[3 0 R /Fit]", 7), part)


def test_a_pdf_with_a_destination_links_and_words_is_accepted():
    link = b"<< /Type /Annot /Subtype /Link /A " + ADDRESS + b" >>"
    part = b"<< /OpenAction [3 0 R /Fit] /Annots [5 0 R] >> JavaScript AA GoToR /AAA 5 0 R"
    assert refusal(obj(part), obj(link, 5), obj(ADDRESS, 6)) == ""
    assert refusal(object_stream(part), object_stream(link)) == ""


# Bounds

MANY = 25_000_000


@pytest.mark.long
@pytest.mark.parametrize(
    "content",
    [
        b"/ObjStm stream\n",
        b"obj<</Type/ObjStm>>stream\n",
        b"obj<</Type/ObjStm>>stream\n\x78\x01",
        b"/First 1 0 R",
        b"/Encrypt%",
        b"/Encrypt ",
        b"/AA%\n",
        b"/AA 5 0 ",
        b"/OpenAction<<",
        b"/OpenAction 1 0 R 1 0 obj",
        b"/OpenAction<</D(",
        b"%\n",
        b"/",
        b"/#4a",
    ],
)
def test_a_large_hostile_pdf_takes_no_long_time(content):
    hostile = content * (MANY // len(content))
    began = time.process_time()
    refusal(hostile)
    assert time.process_time() - began < 8


@given(
    st.lists(
        st.sampled_from(
            b"/OpenAction /AA /First /ObjStm /Encrypt 1 0 obj R << >> [ ] ( % stream endobj /S "
            b"/GoTo".split()
        )
    )
)
@settings(max_examples=examples(200))
def test_parts_of_any_order_are_read_without_an_error(parts):
    refusal(b" ".join(parts))
