r"""Short LaTeX symbols as text: ``\sigma`` as the letter, ``x_{0}`` with a small zero.

For labels beside sliders and for reading an equation before it is drawn. Anything that
must look like a formula is drawn by `widgets.latex`; this is no LaTeX reader.
"""

from __future__ import annotations

import html
import re

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "omicron": "ο",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
WORDS = GREEK | {
    "cdot": "·",
    "times": "×",
    "pm": "±",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "sum": "Σ",
    "prod": "Π",
    "int": "∫",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "approx": "≈",
    "sim": "~",
    "to": "→",
    "rightarrow": "→",
    "mapsto": "↦",
    "in": "∈",
    "ldots": "…",
    "dots": "…",
    "cdots": "⋯",
    "ell": "ℓ",
    "langle": "⟨",
    "rangle": "⟩",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "prime": "′",
    "quad": "  ",
    "qquad": "   ",
    "land": "∧",
    "lor": "∨",
    "oplus": "⊕",
    "odot": "⊙",
    "otimes": "⊗",
    "hbar": "ħ",
    "mid": "|",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "left": "",
    "right": "",
    "displaystyle": "",
    "limits": "",
    "big": "",
    "Big": "",
    "bigl": "",
    "bigr": "",
    "Bigl": "",
    "Bigr": "",
}
ACCENTS = {
    "dot": "\u0307",
    "ddot": "\u0308",
    "bar": "\u0304",
    "overline": "\u0304",
    "hat": "\u0302",
    "tilde": "\u0303",
    "vec": "\u20d7",
}
FONTS = (
    "mathrm",
    "text",
    "mathit",
    "mathbf",
    "mathcal",
    "operatorname",
    "textrm",
    "boldsymbol",
    "mathsf",
)
SUBSCRIPT = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
SUPERSCRIPT = str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
INNER = r"\{([^{}]*)\}"


def _letters(latex: str) -> str:
    """Commands replaced by characters; scripts and braces are left."""
    text = latex.strip().strip("$")
    for _ in range(8):  # innermost braces first; eight levels are more than anyone writes
        before = text
        text = re.sub(r"\\(?:" + "|".join(FONTS) + r")\*?\s*" + INNER, r"\1", text)
        text = re.sub(r"\\[dt]?frac\s*" + INNER + r"\s*" + INNER, _fraction, text)
        text = re.sub(r"\\sqrt\s*" + INNER, r"√(\1)", text)
        text = re.sub(
            r"\\(dot|ddot|bar|overline|hat|tilde|vec)\s*(?:" + INNER + r"|(\\?[A-Za-z]+))",
            _accent,
            text,
        )
        if text == before:
            break
    text = re.sub(r"\\([A-Za-z]+)", lambda m: WORDS.get(m[1], m[1]), text)
    return re.sub(r"\\[,;:! ]", " ", text).replace("\\", "").replace("~", " ")


def _fraction(match: re.Match[str]) -> str:
    parts = [p if re.fullmatch(r"[\w.\\]+", p) else f"({p})" for p in match.groups()]
    return "/".join(parts)


def _accent(match: re.Match[str]) -> str:
    body = match[2] if match[2] is not None else match[3]
    body = WORDS.get(body.lstrip("\\"), body)
    return body[:1] + ACCENTS[match[1]] + body[1:]


def plain(latex: str) -> str:
    r"""LaTeX as one line of plain text, scripts as small characters where there are any."""

    def script(match: re.Match[str]) -> str:
        body = match[2] if match[2] is not None else match[3]
        table, mark = (SUBSCRIPT, "_") if match[1] == "_" else (SUPERSCRIPT, "^")
        if body and all(ord(c) in table for c in body):
            return body.translate(table)
        return f"{mark}{body}" if len(body) < 2 or mark == "_" else f"^({body})"

    text = _letters(latex)
    for _ in range(4):
        text = re.sub(r"([_^])(?:" + INNER + r"|(\w))", script, text)
    return re.sub(r"\s+", " ", text.replace("{", "").replace("}", "")).strip()


def rich(latex: str) -> str:
    """LaTeX as rich text for a label: single Latin letters slanted, scripts raised."""

    def script(match: re.Match[str]) -> str:
        tag = "sub" if match[1] == "_" else "sup"
        return f"<{tag}>{match[2] if match[2] is not None else match[3]}</{tag}>"

    text = html.escape(_letters(latex), quote=False)
    text = re.sub(r"(?<![A-Za-z<&/])([A-Za-z])(?![A-Za-z;>])", r"<i>\1</i>", text)
    text = re.sub(r"([_^])(?:\{([^{}]*)\}|((?:<i>\w</i>)|\w))", script, text)
    return text.replace("{", "").replace("}", "")


def symbol_of(name: str, symbol: str = "") -> str:
    """The LaTeX to show for a parameter: its symbol, or what its name suggests.

    A Greek letter's name stands for the letter, ``tau_m`` gets a subscript, and the part
    before a dot (``initial.x``) is left out.
    """
    if symbol:
        return symbol
    short = name.rsplit(".", 1)[-1]
    head, _, tail = short.partition("_")
    if head in GREEK:
        return f"\\{head}_{{{tail}}}" if tail else f"\\{head}"
    match = re.fullmatch(r"([A-Za-z])_?(\d+)", short)
    if match:
        return f"{match[1]}_{{{match[2]}}}"
    return short if len(short) == 1 else ""


def words_of(name: str) -> str:
    """A parameter's name as words: ``learning_rate`` as ``learning rate``."""
    return name.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ")
