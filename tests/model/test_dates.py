"""Dates: what is read, what is refused, the days that they allow, and that nothing is ever sharpened."""

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model.dates import Date, advise, overlap, read_date, read_interval

VALID = {  # written: EDTF, first day, last day, length
    "2021": ("2021", "2021-01-01", "2021-12-31", "P1Y"),
    "2021-H1": ("2021-40", "2021-01-01", "2021-06-30", "P6M"),
    "2021-H2": ("2021-41", "2021-07-01", "2021-12-31", "P6M"),
    "2021-40": ("2021-40", "2021-01-01", "2021-06-30", "P6M"),
    "2021-41": ("2021-41", "2021-07-01", "2021-12-31", "P6M"),
    "2021-Q1": ("2021-33", "2021-01-01", "2021-03-31", "P3M"),
    "2021-Q4": ("2021-36", "2021-10-01", "2021-12-31", "P3M"),
    "2021-33": ("2021-33", "2021-01-01", "2021-03-31", "P3M"),
    "2021-08": ("2021-08", "2021-08-01", "2021-08-31", "P1M"),
    "2021-02": ("2021-02", "2021-02-01", "2021-02-28", "P1M"),
    "2024-02": ("2024-02", "2024-02-01", "2024-02-29", "P1M"),
    "2024-02-29": ("2024-02-29", "2024-02-29", "2024-02-29", "P1D"),
    "2021-08-30": ("2021-08-30", "2021-08-30", "2021-08-30", "P1D"),
    "2021~": ("2021~", "2021-01-01", "2021-12-31", "P1Y"),
    "2021-Q4?": ("2021-36?", "2021-10-01", "2021-12-31", "P3M"),
    "2021-08-30%": ("2021-08-30%", "2021-08-30", "2021-08-30", "P1D"),
    "0001": ("0001", "0001-01-01", "0001-12-31", "P1Y"),
    "9999-12-31": ("9999-12-31", "9999-12-31", "9999-12-31", "P1D"),
}
# Refused, with words of the message or of the advice.
INVALID = {
    "": "write it like",
    "2021-13": "there is no month 13",
    "2021-00": "there is no month 00",
    "2021-37": "there is no month 37",
    "2021-02-29": "2021-02 has 28 days",
    "2021-02-30": "2021-02 has 28 days",
    "2021-08-00": "2021-08 has 31 days",
    "2021-06-31": "2021-06 has 30 days",
    "0000": "there is no year 0",
    "21": "write it like",
    "2021-Q5": "write it like",
    "2021-H3": "write it like",
    "2021~?": "write it like",
    " 2021": "write it like",
    "2021\n": "write it like",
    "next year": "write it like",
    "12021": "write it like",
    "\uff12\uff10\uff12\uff11": "write it like",
    "2021-8": "write 2021-08",
    "2021-8-5": "write 2021-08-05",
    "2021/08/30": "write 2021-08-30",
    "2021.08.30": "write 2021-08-30",
    "2021年8月30日": "write 2021-08-30",
    "2021年8月": "write 2021-08",
    "2021Q4": "write 2021-Q4",
    "2021 h1": "write 2021-H1",
    "2021-q4": "write 2021-Q4",
    "August 2021": "write 2021-08",
    "30 August 2021": "write 2021-08-30",
    "Aug. 30, 2021": "write 2021-08-30",
    "Foo 2021": "write it like",
    "30 February 2021": "write it like",
    "30/08/2021": "year first",
    "05.01.2024": "year first",
    "44438": "2021-08-30",
    "2021-08-30T12:00": "write it like",
    "2021/2022": "write it like",
}


@pytest.mark.parametrize("text", VALID)
def test_a_date_is_read(text: str) -> None:
    """EDTF text, bounds and length are as the table has them."""
    read = read_date(text)
    assert (read.edtf, read.lower, read.upper, read.duration) == VALID[text]


@pytest.mark.parametrize("text", INVALID)
def test_what_is_no_date_is_refused(text: str) -> None:
    """The message quotes the text, and it or the advice says what is wrong or what to write."""
    with pytest.raises(ValueError, match="is not a date") as caught:
        read_date(text)
    assert INVALID[text] in f"{caught.value}; {advise(text)}"
    assert str(caught.value).startswith(f"'{text}'")


INTERVALS = {
    "2021-08/2021-09": ("2021-08-01", "2021-09-30"),
    "2021-08/2021-08": ("2021-08-01", "2021-08-31"),
    "../2021-07": ("", "2021-07-31"),
    "2021-Q3/..": ("2021-07-01", ""),
    "2021/2021-06": ("2021-01-01", "2021-06-30"),
    "2021-09~/2021-10?": ("2021-09-01", "2021-10-31"),
    "2021-09": ("2021-09-01", "2021-09-30"),
}
NO_INTERVALS = {
    "../..": "both ends are open",
    "2021-09/2021-08": "ends before it begins",
    "2021-09/": "not a date or an interval",
    "/2021-09": "not a date or an interval",
    "2021-02-30/2021-03": "2021-02 has 28 days",
    "2021/2022/2023": "not a date or an interval",
    "05/01/2024": "'05/01/2024' is not a date or an interval of dates",
}


@pytest.mark.parametrize("text", INTERVALS)
def test_an_interval_is_read(text: str) -> None:
    """The bounds are the first day of the first date and the last day of the last."""
    read = read_interval(text)
    assert (read.lower, read.upper) == INTERVALS[text]


@pytest.mark.parametrize("text", NO_INTERVALS)
def test_what_is_no_interval_is_refused(text: str) -> None:
    """Open on both sides, reversed, or made of what are no dates."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        read_interval(text)
    assert NO_INTERVALS[text] in str(caught.value)


YEARS = st.integers(1, 9999)
MARKS = st.sampled_from(["", "~", "?", "%"])


@st.composite
def dates(draw: st.DrawFn) -> str:
    """Draw a date as a curator may write it."""
    year, month = draw(YEARS), draw(st.integers(1, 12))
    day = draw(st.integers(1, calendar.monthrange(year, month)[1]))
    parts = ["", f"-H{(month + 5) // 6}", f"-Q{(month + 2) // 3}", f"-{month:02}", f"-{month:02}-{day:02}"]
    return f"{year:04}{draw(st.sampled_from(parts))}{draw(MARKS)}"


@given(dates())
def test_writing_and_reading_again_changes_nothing(text: str) -> None:
    """The spelling that people write comes back, and means the same days; so does the EDTF text."""
    read = read_date(text)
    assert str(read) == text
    assert read_date(str(read)) == read
    assert read_date(read.edtf) == read


@given(dates(), dates())
def test_intervals_come_back_too(first: str, second: str) -> None:
    """An interval is read as it was written."""
    low, high = sorted((first, second), key=lambda text: read_date(text).lower)
    read = read_interval(f"{low}/{high}")
    assert str(read) == f"{low}/{high}"
    assert read_interval(str(read)) == read


@given(dates())
def test_nothing_is_sharpened(text: str) -> None:
    """The bounds are real days, in order, exactly as far apart as what was written allows."""
    read = read_date(text)
    days = (date.fromisoformat(read.upper) - date.fromisoformat(read.lower)).days + 1
    lengths = {"P1D": (1, 1), "P1M": (28, 31), "P3M": (90, 92), "P6M": (181, 184), "P1Y": (365, 366)}
    shortest, longest = lengths[read.duration]
    assert shortest <= days <= longest
    assert read.lower[:4] == read.upper[:4] == text[:4]


@given(st.text(max_size=20))
def test_no_text_is_read_as_another(text: str) -> None:
    """Whatever is read comes back; whatever is not raises ValueError, and gets advice."""
    try:
        read = read_interval(text)
    except ValueError:
        assert isinstance(advise(text), str)
    else:
        assert isinstance(read, Date)
        assert read_interval(str(read)) == read


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (("2021-01-01", "2021-12-31"), ("2021-12-31", "2022-01-01"), True),
        (("2021-01-01", "2021-12-31"), ("2022-01-01", "2022-12-31"), False),
        (("", "2021-12-31"), ("2021-01-01", ""), True),
        (("", ""), ("2021-01-01", "2021-01-01"), True),
        (("2022-01-01", ""), ("", "2021-12-31"), False),
    ],
)
def test_periods_overlap(first: tuple[str, str], second: tuple[str, str], shared: bool) -> None:
    """Two periods share a day or not, whichever comes first."""
    assert overlap(first, second) is shared
    assert overlap(second, first) is shared
