"""Reads the text of a PDF for tests, page by page, with what the tests have anyway (pikepdf)."""

import re

import pikepdf

_HEX = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_SHOWS = ("Tj", "TJ", "'", '"')


def pages(path):
    """The text of each page in the order in which it is drawn; a line for each piece that is drawn."""
    with pikepdf.open(path) as opened:
        return ["\n".join(_lines(page, page.get("/Resources", {}))) for page in opened.pages]


def words(path):
    """All the text of a PDF on one line."""
    return " ".join(" ".join(pages(path)).split())


def _lines(stream, resources):
    fonts = {name: _characters(font) for name, font in resources.get("/Font", {}).items()}
    drawn, current = [], {}
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name == "Tf":
            current = fonts[str(operands[0])]
        elif name in _SHOWS:
            pieces = operands[-1] if name == "TJ" else [operands[-1]]
            codes = b"".join(bytes(p) for p in pieces if isinstance(p, pikepdf.String))
            # Fonts of these files name each glyph by two bytes.
            drawn.append("".join(current[codes[n : n + 2]] for n in range(0, len(codes), 2)))
        elif name == "Do":
            form = resources["/XObject"][str(operands[0])]
            if form.get("/Subtype") == "/Form":
                drawn += _lines(form, form.get("/Resources", resources))
    return drawn


def _characters(font):
    """What each code of a font stands for, as the font itself says (ToUnicode)."""
    found = {}
    for section in re.findall(
        rb"beginbfchar(.*?)endbfchar", font["/ToUnicode"].read_bytes(), re.DOTALL
    ):
        for code, character in _HEX.findall(section):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(character.decode()).decode(
                "utf-16-be"
            )
    return found
