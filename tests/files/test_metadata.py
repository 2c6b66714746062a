"""What an image says besides its picture is taken out before it is hashed and stored."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.exceptions import FileRefused
from commitments.files import metadata, storage
from commitments.files.metadata import without_metadata
from tests import steps
from tests.examples import examples
from tests.files import sample_files as files
from tests.files.photos import (
    ADOBE,
    EXIF_CHUNK,
    EXIF_SEGMENT,
    HAS_ALPHA,
    HAS_EXIF,
    HAS_PROFILE,
    HAS_XMP,
    HEAD,
    ICC,
    JPEG,
    MPF,
    PHOTOS,
    PNG,
    WEBP,
)
from tests.files.sample_files import SAMPLES

pytestmark = pytest.mark.alike

every_photo = pytest.mark.parametrize(
    ("photo", "media_type", "cleaned"), PHOTOS.values(), ids=PHOTOS
)


def says_where_or_who(content):
    secrets = (
        files.PERSON.encode(),
        *(files.degrees(number, order) for number in (0, 1) for order in "<>"),
    )
    return any(secret in content for secret in secrets)


def assert_damaged(content, media_type):
    with pytest.raises(FileRefused, match="damaged or incomplete"):
        without_metadata(content, media_type)


# All types


@every_photo
def test_a_photo_no_longer_says_where_and_by_whom_it_was_taken(photo, media_type, cleaned):
    assert says_where_or_who(photo)
    assert without_metadata(photo, media_type) == cleaned
    assert not says_where_or_who(cleaned)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_without_metadata_stays_as_it_is(name):
    upload = steps.upload(name)
    columns = storage.inspect_upload(upload)
    assert columns["file"] is upload
    assert without_metadata(SAMPLES[name], columns["file_type"]) == SAMPLES[name]


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("order", "<>")
def test_only_the_orientation_is_kept_of_exif(orientation, order):
    exif, kept = files.exif(orientation, order), files.only_orientation(orientation)
    for head in (b"", HEAD):
        chunk = files.webp_chunk(b"EXIF", head + exif)
        assert without_metadata(files.webp(HAS_EXIF, chunk), WEBP) == files.webp(
            HAS_EXIF, files.webp_chunk(b"EXIF", kept)
        )
    assert without_metadata(files.png(files.png_chunk(b"eXIf", exif)), PNG) == files.png(
        files.png_chunk(b"eXIf", kept)
    )
    assert without_metadata(files.jpeg(files.jpeg_segment(0xE1, HEAD + exif)), JPEG) == files.jpeg(
        files.jpeg_segment(0xE1, HEAD + kept)
    )


@pytest.mark.parametrize(
    "exif",
    [
        files.exif(1),
        files.exif(0),
        files.exif(9),
        b"",
        b"MM",
        b"MM\0*\0\0",
        b"MM\0*\0\0\0\x08",
        b"MM\0*\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff",
        b"XX\0*" + files.exif(6)[4:],
        files.exif(6)[:18],
        b"MM\0*\0\0\0\x08" + files.tiff_directory(">", 8, (0x0112, 4, 1, b"\0\0\0\6")),
        b"MM\0*\0\0\0\x08" + files.tiff_directory(">", 8),
    ],
)
def test_exif_without_a_usable_orientation_is_left_out(exif):
    assert without_metadata(files.jpeg(files.jpeg_segment(0xE1, HEAD + exif)), JPEG) == files.JPEG
    assert without_metadata(files.png(files.png_chunk(b"eXIf", exif)), PNG) == files.PNG


@every_photo
def test_an_image_that_ends_too_early_is_refused(photo, media_type, cleaned):
    for length in range(12, len(cleaned)):
        assert_damaged(cleaned[:length], media_type)


@every_photo
def test_a_stored_photo_that_is_uploaded_again_stays_as_it_is(photo, media_type, cleaned):
    assert without_metadata(cleaned, media_type) == cleaned


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.jpeg(files.jpeg_segment(0xFE) * metadata.MAX_PARTS), JPEG),
        (files.png(files.png_chunk(b"tEXt") * metadata.MAX_PARTS), PNG),
        (files.webp(0, files.webp_chunk(b"XMP ") * metadata.MAX_PARTS), WEBP),
    ],
)
def test_an_image_of_countless_parts_is_refused(content, media_type):
    assert_damaged(content, media_type)


# JPEG


@pytest.mark.parametrize(
    ("marker", "data"),
    [
        (0xFE, b"by Wang Li"),
        (0xE0, b"JFXX\0\x10" + files.JPEG),
        (0xE1, HEAD + files.exif()),
        (0xE1, b"Exif\0\xff" + files.exif(6)),
        (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + files.XMP),
        (0xE2, MPF),
        (0xE2, b""),
        (0xE6, b"GoPro\0" + files.degrees(0)),
        (0xEB, b"JP\0\0" + files.XMP),
        (0xEC, b"Ducky\0\1\0\4Wang Li"),
        (0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\x0cWang Li"),
        (0xEE, b"Wang Li"),
        (0xEF, b"Wang Li"),
    ],
)
def test_a_segment_that_showing_a_jpeg_does_not_take_is_left_out(marker, data):
    segment = files.jpeg_segment(marker, data)
    assert without_metadata(files.jpeg(segment), JPEG) == files.JPEG
    before_the_end = files.JPEG[:-2] + segment + b"\xff\xd9"
    assert without_metadata(before_the_end, JPEG) == files.JPEG


@pytest.mark.parametrize(
    ("marker", "data"), [(0xE2, ICC), (0xEE, ADOBE), (0xDD, b"\0\7"), (0xCC, b"\0\7")]
)
def test_colour_profiles_and_what_a_picture_is_made_of_are_kept(marker, data):
    photo = files.jpeg(files.jpeg_segment(marker, data))
    assert without_metadata(photo, JPEG) == photo


def test_a_thumbnail_in_the_first_segment_is_left_out():
    """It may show what was cropped."""
    jfif = b"JFIF\0\1\1\1\0\x48\0\x48" + b"\1\1" + b"rgb"
    rest = files.JPEG[files.JFIF_BYTES :]
    photo = b"\xff\xd8" + files.jpeg_segment(0xE0, jfif) + rest
    kept = b"\xff\xd8" + files.jpeg_segment(0xE0, jfif[:12] + b"\0\0") + rest
    assert without_metadata(photo, JPEG) == kept


@pytest.mark.parametrize(
    "end",
    [b"\0", b"\xff\xd9", b"MotionPhoto_Data" + files.exif(), files.zipped({"Run.class": "x"})],
)
def test_what_follows_the_end_of_an_image_is_cut(end):
    assert without_metadata(files.jpeg(end=end), JPEG) == files.JPEG
    assert without_metadata(files.png(end=end), PNG) == files.PNG
    assert without_metadata(files.WEBP + end, WEBP) == files.WEBP


def test_the_scans_of_a_progressive_jpeg_are_kept_with_restart_and_fill_bytes():
    header = files.jpeg_segment(0xDA, b"\1\1\0\0\0\0")
    scans = header + b"\1\xff\0\xff\xd0\2\xff\xd7" + header + b"\xff\xff\0\3"
    photo = files.JPEG[:-2] + scans + b"\xff\xd9"
    assert without_metadata(photo, JPEG) == photo
    between = files.JPEG[:-2] + scans + EXIF_SEGMENT + header + b"\4\xff\xd9"
    assert without_metadata(between, JPEG) == photo[:-2] + header + b"\4\xff\xd9"


def test_fill_bytes_before_a_segment_do_not_hide_it():
    assert without_metadata(files.jpeg(b"\xff\xff\xff" + EXIF_SEGMENT), JPEG) == files.JPEG


@pytest.mark.parametrize(
    "segments",
    [
        b"\0",
        b"\xff\0",
        b"\xff\xe1\0\0",
        b"\xff\xe1\0\1",
        b"\xff\xe1\xff\xff",
        b"\xff\xd8",
        b"\xff\xd0",
        files.jpeg_segment(0x02),
        files.jpeg_segment(0xC8),
        files.jpeg_segment(0xF0),
        b"\xff\xd9",
        b"\xff\xda\0\2\1",
    ],
)
def test_a_jpeg_whose_segments_cannot_be_told_apart_is_refused(segments):
    content = files.JPEG[: files.JFIF_BYTES] + segments
    assert_damaged(content, JPEG)
    assert_damaged(content + b"\xff\xd9", JPEG)


# PNG


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"caBX", b"prVt"])
def test_a_chunk_that_showing_a_png_does_not_take_is_left_out(name):
    chunk = files.png_chunk(name, b"Author\0Wang Li")
    assert without_metadata(files.png(chunk), PNG) == files.PNG
    assert without_metadata(files.PNG[:-12] + chunk + files.PNG[-12:], PNG) == files.PNG


@pytest.mark.parametrize(
    "name", [b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"acTL", b"fdAT"]
)
def test_colours_size_and_animation_of_a_png_are_kept(name):
    photo = files.png(files.png_chunk(name, b"data"))
    assert without_metadata(photo, PNG) == photo


@pytest.mark.parametrize(
    "content",
    [
        files.PNG[:8] + files.png_chunk(b"IEND"),
        files.PNG[:8] + EXIF_CHUNK + files.PNG[8:],
        files.PNG[:33] + files.png_chunk(b"IEND"),
        files.PNG[:-12] + files.png_chunk(b"IEND", b"Wang Li"),
        files.png(files.png_chunk(b"CgBI", b"data")),
        files.png(files.png_chunk(b"a\0bc", b"data")),
        files.png(b"\xff\xff\xff\xfftEXt"),
    ],
    ids=["empty", "no head", "no pixels", "data in the end", "unknown", "no name", "too long"],
)
def test_a_png_whose_chunks_cannot_be_told_apart_is_refused(content):
    assert_damaged(content, PNG)


# WebP


def test_the_flags_of_a_webp_say_what_is_left():
    profile = files.webp_chunk(b"ICCP", ICC)
    photo = files.webp(
        HAS_PROFILE | HAS_ALPHA | HAS_EXIF | HAS_XMP,
        profile,
        files.webp_chunk(b"EXIF", files.exif()),
        files.webp_chunk(b"XMP ", files.XMP),
        files.webp_chunk(b"more", b"Wang Li"),
    )
    assert without_metadata(photo, WEBP) == files.webp(HAS_PROFILE | HAS_ALPHA, profile)


def test_a_webp_may_lack_the_byte_that_makes_its_length_even():
    chunk = files.webp_chunk(b"ICCP", b"odd")
    photo = files.webp(HAS_PROFILE, chunk[:-1])
    assert without_metadata(photo, WEBP) == files.webp(HAS_PROFILE, chunk)


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"RIFF\x0d\0\0\0WEBPVP8X\1\0\0\0\0" + files.WEBP[12:],
        files.webp(0, b"EXIF"),
        files.webp(0, b"EXIF\xff\xff\xff\xff"),
        files.webp(0, struct.pack("<4sI", b"EXIF", 5) + b"data"),
    ],
)
def test_a_webp_whose_chunks_cannot_be_told_apart_is_refused(content):
    assert_damaged(content, WEBP)


# Any bytes

IMAGES = [(photo, media_type) for photo, media_type, _cleaned in PHOTOS.values()]


@settings(max_examples=examples(400), deadline=None)
@given(st.sampled_from(IMAGES), st.data())
def test_any_bytes_are_cleaned_or_refused_and_cleaning_twice_is_cleaning_once(image, data):
    """Random bytes after the beginning of a photo, or a photo with some of its bytes changed."""
    photo, media_type = image
    cut = photo[: data.draw(st.integers(12, len(photo)))] + data.draw(st.binary(max_size=200))
    changed = bytearray(photo)
    for place in data.draw(st.lists(st.integers(12, len(photo) - 1), max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    for content in (cut, bytes(changed)):
        try:
            cleaned = without_metadata(content, media_type)
        except FileRefused:
            continue
        assert without_metadata(cleaned, media_type) == cleaned


MARKERS = st.sampled_from([*range(0xE0, 0xF0), 0xFE])
PERSONAL = st.sampled_from([b"", HEAD, ICC[:5], b"JFXX\0", b"MPF\0"]).map(
    lambda head: head + files.exif(6) + files.XMP
)
# In a scan, a zero follows each 0xFF.
SCANS = st.binary(min_size=1).map(lambda scan: scan.replace(b"\xff", b"\xff\0"))


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(MARKERS, PERSONAL)), st.lists(SCANS, min_size=1), st.binary())
def test_scans_stay_byte_for_byte_and_nothing_personal_stays_around_them(segments, scans, end):
    around = b"".join(files.jpeg_segment(marker, data) for marker, data in segments)
    header = files.jpeg_segment(0xDA, b"\1\1\0\0\0\0")
    photo = b"\xff\xd8" + b"".join(around + header + scan for scan in scans) + b"\xff\xd9" + end
    cleaned = without_metadata(photo, JPEG)
    assert not says_where_or_who(cleaned)
    turned = files.jpeg_segment(0xE1, HEAD + files.only_orientation(6))
    kept = cleaned.replace(turned, b"")
    assert kept == b"\xff\xd8" + b"".join(header + scan for scan in scans) + b"\xff\xd9"


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(min_size=1), st.lists(st.sampled_from([b"eXIf", b"tEXt", b"iTXt", b"zTXt"])))
def test_pixels_of_png_and_webp_stay_byte_for_byte(pixels, names):
    idat, end = files.png_chunk(b"IDAT", pixels), files.png_chunk(b"IEND")
    personal = b"".join(files.png_chunk(name, files.exif() + files.XMP) for name in names)
    photo = files.PNG[:33] + personal + idat + personal + end
    assert without_metadata(photo, PNG) == files.PNG[:33] + idat + end
    frame = files.webp_chunk(b"ANMF", pixels)
    personal = b"".join(files.webp_chunk(name, files.exif()) for name in names)
    assert without_metadata(files.webp(0, personal, frame), WEBP) == files.webp(0, frame)
