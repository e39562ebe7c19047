"""Lets a printed PDF be searched and copied: its characters are those that people type.

Fonts draw 一 and the radical ⼀ with one glyph, and Chromium notes the radical as what the glyph
stands for: a search for 第一人民医院 would find nothing. What the glyphs look like is not touched.
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

#: Radicals (U+2E80 to U+2EFF) that have a glyph in common with a character, and these; of the
#: others, those of Kangxi (U+2F00 to U+2FDF) among them, Unicode itself says it.
_RADICALS = (
    "⺂⺃⺅⺉⺋⺏⺐⺒⺓⺔⺕⺖⺘⺙⺛⺞⺠⺡⺣⺤⺦⺨⺭⺯⺰⺱⺳⺹⺺⺾⻂⻅⻆⻈"
    "⻉⻋⻌⻐⻑⻒⻓⻔⻖⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻮⻯⻰⻱⻲⼾"
)
_CHARACTERS = (
    "乛乚亻刂㔾尣尢巳幺彑彐忄扌攵旡歺民氵灬爫丬犭礻糹纟罓㓁耂肀艹衤见角讠"
    "贝车辶钅長镸长门阝青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐齿竜龙龜亀户"
)
_UNIFIED = {
    **{
        code: ord(unicodedata.normalize("NFKC", chr(code)))
        for code in (0x2E9F, 0x2EF3, *range(0x2F00, 0x2FD6))
    },
    **{ord(a): ord(b) for a, b in zip(_RADICALS, _CHARACTERS, strict=True)},
}

_BLOCK = re.compile(r"\d+ beginbf(char|range)\n(.*?)endbf(?:char|range)\n", re.DOTALL)
_CHAR = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]{4})>\s*\n")
#: A block of a map holds at most so many lines.
_LINES = 100


def searchable(pdf: bytes) -> bytes:
    """The same pages, with radicals noted as the characters that look like them."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for font in _fonts(writer):
        stream = font["/ToUnicode"].get_object()
        mended = StreamObject()
        mended.set_data(unified_map(stream.get_data().decode("latin-1")).encode("latin-1"))
        font[NameObject("/ToUnicode")] = writer._add_object(mended.flate_encode())
    done = io.BytesIO()
    writer.write(done)
    return done.getvalue()


def unified_map(text: str) -> str:
    """A font's map from glyphs to characters (a CMap), with radicals replaced."""
    pairs: list[tuple[str, str]] = []
    for kind, body in _BLOCK.findall(text):
        pairs += _CHAR.findall(body) if kind == "char" else _spread(body)
    lines = [f"<{glyph}> <{_unified(target)}>\n" for glyph, target in pairs]
    blocks = "".join(
        f"{len(part)} beginbfchar\n{''.join(part)}endbfchar\n"
        for part in (lines[start : start + _LINES] for start in range(0, len(lines), _LINES))
    )
    head, _, _ = text.partition("endcodespacerange\n")
    _, _, tail = text.rpartition("endcmap")
    return f"{head}endcodespacerange\n{blocks}endcmap{tail}"


def _spread(body: str) -> Iterator[tuple[str, str]]:
    """The glyphs of ranges one by one."""
    for first, last, target in _RANGE.findall(body):
        for step in range(int(last, 16) - int(first, 16) + 1):
            yield f"{int(first, 16) + step:0{len(first)}X}", f"{int(target, 16) + step:04X}"


def _unified(target: str) -> str:
    code = int(target, 16)
    return f"{_UNIFIED[code]:04X}" if code in _UNIFIED else target


def _fonts(writer: PdfWriter) -> Iterator[Any]:
    seen = set()
    for page in writer.pages:
        for reference in page.get("/Resources", {}).get("/Font", {}).values():
            font = reference.get_object()
            if id(font) not in seen and "/ToUnicode" in font:
                seen.add(id(font))
                yield font
