"""Quantities: what is read, what is refused and why, and that numbers are exact."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model.quantities import COMPARATORS, SCALES, QuantityError, plain, read_quantity

VALID = {  # text: comparator, number, upper end, unit, per
    "3565 vehicles": ("=", "3565", "", "vehicles", ""),
    "over 6500 vehicles/month": (">", "6500", "", "vehicles", "month"),
    "over 6500 vehicles / month": (">", "6500", "", "vehicles", "month"),
    "2 to 3 billion USD/year": ("=", "2000000000", "3000000000", "USD", "year"),
    "15 USD/ADS": ("=", "15", "", "USD", "ADS"),
    "4.99%": ("=", "4.99", "", "%", ""),
    "4.99 %": ("=", "4.99", "", "%", ""),
    "under 4 s": ("<", "4", "", "s", ""),
    "at least 1": (">=", "1", "", "", ""),
    "at most 1.5 million CNY": ("<=", "1500000", "", "CNY", ""),
    "about 3.5 thousand stores": ("~", "3500", "", "stores", ""),
    "nearly 10000 stores": ("~", "10000", "", "stores", ""),
    "more than 5 km": (">", "5", "", "km", ""),
    "less than 5 km": ("<", "5", "", "km", ""),
    ">1000 vehicles": (">", "1000", "", "vehicles", ""),
    ">= 1000": (">=", "1000", "", "", ""),
    "<=5": ("<=", "5", "", "", ""),
    "~5": ("~", "5", "", "", ""),
    "-12.5%": ("=", "-12.5", "", "%", ""),
    "+146%": ("=", "146", "", "%", ""),
    "exactly 6.500 s": ("=", "6.5", "", "s", ""),
    "0.125 s": ("=", "0.125", "", "s", ""),
    "1.10%": ("=", "1.1", "", "%", ""),
    "1234.567 CNY": ("=", "1234.567", "", "CNY", ""),
    "5 辆": ("=", "5", "", "辆", ""),
    "up": ("up", "", "", "", ""),
    "down": ("down", "", "", "", ""),
    "unknown": ("unknown", "", "", "", ""),
}
# Refused: words of the message or hint, and whether it could be read in two ways.
INVALID = {
    "": ("is not a quantity", False),
    "vehicles": ("is not a quantity", False),
    "three thousand vehicles": ("write it like", False),
    "3,565 vehicles": ("write the digits alone: 3565 vehicles", True),
    "1,234,567 vehicles": ("write the digits alone: 1234567 vehicles", True),
    "1 234 567 vehicles": ("write the digits alone: 1234567 vehicles", True),
    "1'234 CHF": ("write the digits alone: 1234 CHF", True),
    "1\u202f234 EUR": ("write the digits alone: 1234 EUR", True),
    "1_000": ("write the digits alone: 1000", True),
    "1.234.567 EUR": ("write the digits alone: 1234567 EUR", True),
    "6.500 vehicles": ("write 6500 vehicles, or where the point is meant: exactly 6.500 vehicles", True),
    "about 1.544 billion CNY": (
        "write about 1544 billion CNY, or where the point is meant: about 1.5440 billion CNY",
        True,
    ),
    "2.000 to 3.000 stores": ("in two ways", True),
    "3,5%": ("write: 3.5%", False),
    "\uff13\uff15 vehicles": ("write: 35 vehicles", False),
    "\u22125%": ("write: -5%", False),
    "3 to 2 million CNY": ("runs downwards", False),
    "0.2 to 0.1%": ("runs downwards", False),
    "$500": ("is not a quantity", False),
    "NaN vehicles": ("is not a quantity", False),
    "inf": ("is not a quantity", False),
    ".5 s": ("is not a quantity", False),
    "5.": ("is not a quantity", False),
    "1/2": ("is not a quantity", False),
    "5 km/h/s": ("is not a quantity", False),
    "Up": ("is not a quantity", False),
}


@pytest.mark.parametrize("text", VALID)
def test_a_quantity_is_read(text: str) -> None:
    """Comparator, numbers and unit words are as the table has them; the text is kept."""
    read = read_quantity(text)
    numbers = [plain(number) if number is not None else "" for number in (read.number, read.upper)]
    assert (read.comparator, *numbers, read.unit, read.per) == VALID[text]
    assert str(read) == text


@pytest.mark.parametrize("text", INVALID)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    """The message quotes the text, and message or hint says what to write."""
    with pytest.raises(QuantityError) as caught:
        read_quantity(text)
    words, ambiguous = INVALID[text]
    assert words in f"{caught.value}; {caught.value.hint}"
    assert caught.value.ambiguous is ambiguous
    assert str(caught.value).startswith(f"'{text}'")


def test_what_a_hint_tells_to_write_is_read() -> None:
    """Who follows the advice gets no second message."""
    for text in INVALID:
        with pytest.raises(QuantityError) as caught:
            read_quantity(text)
        for head in ("write the digits alone: ", "write: ", "write it like: ", "where the point is meant: "):
            if head in caught.value.hint:
                read_quantity(caught.value.hint.partition(head)[2])


@given(
    st.sampled_from(sorted(COMPARATORS)),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**40), max_value=10**40),
    st.sampled_from(["", *SCALES]),
    st.sampled_from(["", "%", "vehicles", "CNY"]),
)
def test_numbers_are_exact(comparator: str, number: Decimal, scale: str, unit: str) -> None:
    """No number is rounded, however many digits it has, and whatever it is scaled by."""
    text = f"{comparator} {number:f} {scale} {unit}".replace("  ", " ").strip()
    read = read_quantity(text)
    assert read.number is not None
    assert Fraction(read.number) == Fraction(number) * 10 ** SCALES.get(scale, 0)
    assert Fraction(plain(read.number)) == Fraction(read.number)
    assert (read.comparator, read.unit) == (COMPARATORS[comparator], unit)


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.10", "1.1"), ("100", "100"), ("1E+3", "1000"), ("0.000", "0"), ("-0.50", "-0.5"), ("1E-7", "0.0000001")],
)
def test_plain_numbers(number: str, text: str) -> None:
    """No exponent and no idle zeros."""
    assert plain(Decimal(number)) == text


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but QuantityError is raised."""
    try:
        read = read_quantity(text)
    except QuantityError as error:
        assert text in str(error)
    else:
        assert str(read) == text
