"""Sine and cosine for lanes, as source: no branch and no call, so that they vectorise.

The library's functions are called for one lane after the other and cost twenty times as
much. Here the argument is reduced to the nearest multiple of a quarter turn, in three parts
so that nothing is lost (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, Prentice-Hall 1980), and Taylor series within an eighth of a turn do the rest.
The result is within 3e-16 of the true value for arguments up to 1e5; beyond, the error
grows with the argument. Single orbits use the library's functions.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

_HALF_PI = Fraction("1.5707963267948966192313216916397514420985846996875529")


def _parts() -> tuple[float, float, float]:
    """Half of pi as a sum of floats, the first two so short that multiples are exact."""
    first = Fraction(int(_HALF_PI * 2**32), 2**32)
    second = Fraction(int((_HALF_PI - first) * 2**65), 2**65)
    return float(first), float(second), float(_HALF_PI - first - second)


def _series(exponents: range) -> str:
    """Taylor series by Horner's rule in ``z = r * r``, from the second term on."""
    text = ""
    for exponent in reversed(exponents):
        sign = -1 if exponent // 2 % 2 else 1
        number = repr(float(Fraction(sign, factorial(exponent))))
        text = f"{number} + z * ({text})" if text else number
    return text


def vectorised(text: str) -> str:
    """Source with the library's sine and cosine replaced by `SOURCE`'s."""
    return text.replace("math.sin(", "_sin(").replace("math.cos(", "_cos(")


def source(flags: str) -> str:
    """Source of ``_sin(x)`` and ``_cos(x)``; `flags` are further arguments of ``njit``."""
    first, second, third = _parts()
    functions = []
    for name, shift in (("_sin", 0), ("_cos", 1)):
        functions.append(f"""\
@njit(forceinline=True, error_model="numpy"{flags})
def {name}(x):
    n = np.floor(x * {float(1 / _HALF_PI)!r} + 0.5)
    r = ((x - n * {first!r}) - n * {second!r}) - n * {third!r}
    m = n + {float(shift)!r}
    quarter = m - 4.0 * np.floor(m * 0.25)
    z = r * r
    sine = r + r * z * ({_series(range(3, 16, 2))})
    cosine = 1.0 + z * ({_series(range(2, 17, 2))})
    value = cosine if (quarter == 1.0) | (quarter == 3.0) else sine
    return -value if quarter >= 2.0 else value


""")
    return "".join(functions)
