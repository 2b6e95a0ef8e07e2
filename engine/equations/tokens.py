"""Text of an equation cut into tokens, each checked against its neighbour.

Most of what people mistype (a missing operator, an open bracket, a stray character) is
found here, where the place is known exactly; what is left to the parser is structure.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from typing import NamedTuple

from engine.equations.words import MAXIMUM_DEPTH, MAXIMUM_LENGTH, check_name, error_at
from engine.errors import EquationError


class Token(NamedTuple):
    """A token: ``number``, ``name``, ``word`` (and, or, not, if, else) or ``operator``."""

    kind: str
    text: str
    at: int


_PATTERN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<operator>\*\*|//|<=|>=|==|!=|[-+*/^%(),<>\[\]])"
)
_CLOSING = {")": "(", "]": "["}
_WORDS = frozenset({"and", "or", "not", "if", "else"})
_PREFIX = frozenset({"+", "-", "not", "("})
_REFUSED = {
    "=": "one '=' says nothing here; compare with '=='",
    "!": "'!' is not used; write 'not' or '!='",
    "&": "'&' is not used; write 'and'",
    "|": "'|' is not used; write 'or'",
    '"': "text in quotes is not part of the language",
    "'": "text in quotes is not part of the language",
    ".": "a dot belongs inside a number; attributes are not part of the language",
    ":": "':' is not part of the language",
    ";": "one expression only, without ';'",
    "\u2212": "write '-' for minus",
    "\u00b7": "write '*' for a product",
    "\u00d7": "write '*' for a product",
}


def scan(text: str) -> list[Token]:
    """Tokens of the text, each checked against its neighbour."""
    if len(text) > MAXIMUM_LENGTH:
        raise EquationError(
            f"an equation may have {MAXIMUM_LENGTH} characters, this has {len(text)}; "
            "split it into named quantities",
            text[:200],
        )
    tokens: list[Token] = []
    opened: list[Token] = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            shown = text[at] if text[at].isprintable() else repr(text[at])
            raise error_at(_REFUSED.get(text[at], f"unexpected character {shown}"), text, at)
        if match.lastgroup != "space":
            token = _token(str(match.lastgroup), match.group(), text, at)
            _check_neighbours(tokens[-1] if tokens else None, token, text)
            _check_brackets(token, opened, text)
            tokens.append(token)
        at = match.end()
    if not tokens:
        raise EquationError("the expression is empty", text)
    if opened:
        raise error_at(f"this '{opened[-1].text}' is never closed", text, opened[-1].at)
    if not _ends_operand(tokens[-1]):
        raise error_at(
            f"something is missing after '{tokens[-1].text}'",
            text,
            tokens[-1].at + len(tokens[-1].text),
        )
    return tokens


def _token(kind: str, word: str, text: str, at: int) -> Token:
    if kind == "number" and not math.isfinite(float(word)):
        raise error_at("this number is too large", text, at)
    if kind == "name":
        if word in _WORDS:
            kind = "word"
        else:
            if (
                keyword.iskeyword(word)
                or not word.isidentifier()
                or word.startswith("_")
                or unicodedata.normalize("NFKC", word) != word
            ):
                try:
                    check_name(word, "this")
                except EquationError as error:
                    raise error_at(error.message, text, at) from None
    return Token(kind, word, at)


def _ends_operand(token: Token) -> bool:
    return token.kind in ("number", "name") or token.text in _CLOSING


def _check_neighbours(last: Token | None, token: Token, text: str) -> None:
    starts = token.kind in ("number", "name") or token.text in _PREFIX
    if token.text == "[" and (last is None or last.kind != "name"):
        raise error_at("indexing with '[' needs a name in front of it", text, token.at)
    if last is not None and _ends_operand(last):
        if (
            token.kind in ("number", "name")
            or token.text == "not"
            or (token.text == "(" and last.kind != "name" and last.text != "]")
        ):
            raise error_at(
                f"an operator is missing between '{last.text}' and '{token.text}'; "
                "write * for a product",
                text,
                token.at,
            )
        return
    if last is not None and last.text == _CLOSING.get(token.text):
        raise error_at("there is nothing between these brackets", text, token.at)
    if not starts:
        place = f"after '{last.text}'" if last is not None else "at the start"
        raise error_at(
            f"'{token.text}' cannot stand {place}; a number, a name or '(' is expected",
            text,
            token.at,
        )


def _check_brackets(token: Token, opened: list[Token], text: str) -> None:
    if token.text in ("(", "["):
        opened.append(token)
        if len(opened) > MAXIMUM_DEPTH:
            raise error_at(
                f"brackets are nested more than {MAXIMUM_DEPTH} deep; split it into "
                "named quantities",
                text,
                token.at,
            )
    elif token.text in _CLOSING:
        if not opened:
            raise error_at(f"this '{token.text}' closes nothing", text, token.at)
        if opened[-1].text != _CLOSING[token.text]:
            raise error_at(f"this '{opened[-1].text}' is never closed", text, opened[-1].at)
        opened.pop()
    elif token.text == "," and not opened:
        raise error_at("',' belongs between the arguments of a function", text, token.at)
