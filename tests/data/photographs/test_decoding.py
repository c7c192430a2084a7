"""Image files of every kind, decoded as pixels."""

import os
import struct
import zlib

import numpy as np
import pytest
from photograph_files import ORANGE, picture
from PIL import Image

from faceinv.data.photographs.decoding import GREY, Frame, decode, decode_all
from faceinv.errors import InputError

LUMINANCE = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


def sixteen_bits(value: int) -> Image.Image:
    return Image.fromarray(np.full((8, 8), value, dtype=np.uint16))


def transparent_palette() -> Image.Image:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, *ORANGE])
    return image


@pytest.mark.parametrize(
    ("image", "name", "options", "expected"),
    [
        (Image.new("RGB", (8, 8), ORANGE), "a.png", {}, ORANGE),
        (Image.new("L", (8, 8), 77), "a.png", {}, (77, 77, 77)),
        (Image.new("1", (8, 8), 1), "a.png", {}, (255, 255, 255)),
        (Image.new("RGBA", (8, 8), (*ORANGE, 255)), "a.png", {}, ORANGE),
        (Image.new("RGBA", (8, 8), (*ORANGE, 0)), "a.png", {}, (GREY, GREY, GREY)),
        (Image.new("RGBA", (8, 8), (228, 128, 28, 51)), "a.png", {}, (148, 128, 108)),
        (Image.new("LA", (8, 8), (228, 51)), "a.png", {}, (148, 148, 148)),
        (transparent_palette(), "a.png", {}, ORANGE),
        (transparent_palette(), "a.png", {"transparency": 1}, (GREY, GREY, GREY)),
        (Image.new("RGB", (8, 8), ORANGE), "a.png", {"transparency": ORANGE}, (GREY, GREY, GREY)),
        (sixteen_bits(65535), "a.png", {}, (255, 255, 255)),
        (sixteen_bits(257 * 100 + 100), "a.png", {}, (100, 100, 100)),
        (sixteen_bits(257 * 100 + 140), "a.tiff", {}, (101, 101, 101)),
        (Image.new("CMYK", (8, 8), (0, 127, 255, 0)), "a.jpg", {"quality": 100}, (255, 128, 0)),
        (Image.new("CMYK", (8, 8), (0, 127, 255, 0)), "a.tif", {}, (255, 128, 0)),
        (Image.new("L", (8, 8), 77), "a.JPEG", {"quality": 100}, (77, 77, 77)),
        (Image.new("RGB", (8, 8), ORANGE), "a.webp", {"lossless": True}, ORANGE),
        (Image.new("RGB", (8, 8), ORANGE), "a.bmp", {}, ORANGE),
    ],
)
def test_every_kind_of_file(tmp_path, image, name, options, expected):
    image.save(tmp_path / name, **options)
    pixels = decode(tmp_path / name, Frame(4))
    assert pixels.shape == (4, 4, 3) and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_sixteen_bit_graymap(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"P5 2 2 65535\n" + (257 * 30).to_bytes(2, "big") * 4)
    assert (decode(tmp_path / "a.tif", Frame(2)) == 30).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotated_photographs_come_upright(tmp_path, orientation):
    upright = np.zeros((8, 8, 3), np.uint8)
    upright[:4, :4], upright[:4, 4:], upright[4:, :4] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # What a camera stores is the inverse of what EXIF's orientation tells to do.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.png", exif=exif)
    assert (decode(tmp_path / "a.png", Frame(8)) == upright).all()


def test_central_square_is_kept(tmp_path):
    ramp = np.broadcast_to(np.arange(30, dtype=np.uint8)[None, :, None], (10, 30, 3))
    Image.fromarray(np.ascontiguousarray(ramp)).save(tmp_path / "wide.png")
    assert (decode(tmp_path / "wide.png", Frame(10))[0, :, 0] == np.arange(10, 20)).all()
    assert (decode(tmp_path / "wide.png", Frame(4, crop=0.4))[0, :, 0] == np.arange(13, 17)).all()


def test_resizing_averages_instead_of_skipping(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    inner = decode(tmp_path / "a.png", Frame(16))[2:-2, 2:-2]
    assert np.abs(inner.astype(int) - 127.5).max() < 3


def test_grey(tmp_path):
    picture(tmp_path / "a.png")
    assert np.abs(decode(tmp_path / "a.png", Frame(4, colour="grey")).astype(int) - LUMINANCE).max() <= 1


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"])
@pytest.mark.parametrize("kept", [0, 3, 0.5])
def test_damaged_files_are_named(tmp_path, name, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(kept * len(whole)) if kept == 0.5 else kept])
    with pytest.raises(InputError, match=rf"image .*{name} is damaged") as caught:
        decode(tmp_path / name, Frame(8))
    assert "\n" not in str(caught.value)


def test_text_and_floats_are_no_photographs(tmp_path):
    (tmp_path / "a.jpg").write_text("not an image")
    with pytest.raises(InputError, match=r"a\.jpg is damaged, cut off, or no image"):
        decode(tmp_path / "a.jpg", Frame(8))
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif holds floating-point brightness"):
        decode(tmp_path / "a.tif", Frame(8))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 0}, "size is 0"),
        ({"crop": 0.0}, r"crop is 0\.0"),
        ({"crop": 1.1}, r"crop is 1\.1"),
        ({"colour": "sepia"}, "colour is 'sepia'"),
    ],
)
def test_frame_refuses_nonsense(options, sentence):
    with pytest.raises(InputError, match=sentence):
        Frame(**options)


def test_the_first_failure_in_order_is_told(tmp_path):
    files = [picture(tmp_path / f"{i}.png") for i in range(50)]
    for i in (9, 30):
        files[i].write_bytes(b"")
    with pytest.raises(InputError, match=r"/9\.png"):
        decode_all(files, Frame(4))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_no_photograph(tmp_path):
    """Opening one would wait for ever."""
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is no regular file"):
        decode(tmp_path / "a.png", Frame(8))


def test_an_image_too_large_to_decode_is_refused(tmp_path):
    """A file of a few bytes can say that it has any number of pixels."""
    picture(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = struct.pack(">II", 10_000, 10_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "a.png").write_bytes(content)
    with pytest.warns(Image.DecompressionBombWarning), pytest.raises(InputError, match="100 megapixels"):
        decode(tmp_path / "a.png", Frame(8))
