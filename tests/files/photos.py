"""Photos that say more than their picture, and what of them is left."""

from tests.files import sample_files as files

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
HEAD = b"Exif\0\0"
ICC = b"ICC_PROFILE\0\1\1" + b"profile"
ADOBE = b"Adobe\0\x64\0\0\0\0\1"
MPF = b"MPF\0" + files.exif()
EXIF_SEGMENT = files.jpeg_segment(0xE1, HEAD + files.exif())
XMP_SEGMENT = files.jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + files.XMP)
EXIF_CHUNK = files.png_chunk(b"eXIf", files.exif())
HAS_XMP, HAS_EXIF, HAS_ALPHA, HAS_PROFILE = 0x04, 0x08, 0x10, 0x20

# With a position, the name of a person or both, and how they are stored.
PHOTOS = {
    "a JPEG": (files.jpeg(EXIF_SEGMENT, XMP_SEGMENT), JPEG, files.JPEG),
    "a JPEG with a second image": (files.jpeg(end=files.jpeg(EXIF_SEGMENT)), JPEG, files.JPEG),
    "a PNG": (files.png(EXIF_CHUNK), PNG, files.PNG),
    "a WebP": (
        files.webp(
            HAS_EXIF | HAS_XMP,
            files.webp_chunk(b"EXIF", files.exif()),
            files.webp_chunk(b"XMP ", files.XMP),
        ),
        WEBP,
        files.webp(0),
    ),
}
