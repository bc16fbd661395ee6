import pytest

from byre.errors import UsageError
from byre.rpc.parameters import DEVICE_ID, Field, FileName, Flag, Hex, ListOf, MapOf, Text, Whole, check_params


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Text(3), ["a", "외양간"], ["", "abcd", 1, None, b"a", "\ud800"]),
        (FileName(5), ["a", "/외/b"], ["", "a\0b", "abcdef", 1, None]),
        (Hex(2, 2), ["00ff"], ["00FF", "00f", "00", "00ff00", "zzzz", 3]),
        (DEVICE_ID, ["ab" * 16], ["ab" * 15, "ab" * 17]),
        (Whole(1, 5), [1, 5], [0, 6, True, 1.0, "1"]),
        (Flag(), [True, False], [0, 1, "true", None]),
        (MapOf(Text(3), Text(2), 1), [{}, {"abc": "de"}], [[], {"a": 1}, {"abcd": "e"}, {"a": "b", "c": "d"}]),
        (ListOf(Text(2), 2), [["a"], ["a", "b"]], [[], ["a", "b", "c"], ["abc"], "a", [1]]),
    ],
)
def test_each_kind_accepts_what_it_says_and_nothing_else(kind, good, bad) -> None:  # type: ignore[no-untyped-def]
    assert all(kind.accepts(value) for value in good)
    assert not any(kind.accepts(value) for value in bad)
    assert kind.expectation


FIELDS = (Field("name", Text(5)), Field("limit", Whole(1, 9), is_required=False))


def test_optional_parameters_may_be_absent_or_null() -> None:
    assert check_params(FIELDS, {"name": "a"}) == {"name": "a", "limit": None}
    assert check_params(FIELDS, {"name": "a", "limit": None}) == {"name": "a", "limit": None}


@pytest.mark.parametrize(
    "params", [{}, {"name": None}, {"name": 1}, {"name": "a", "other": 1}, {"name": "a", "limit": 0}]
)
def test_missing_mistyped_and_unknown_parameters_are_bad_params(params: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        check_params(FIELDS, params)
    assert caught.value.code == "bad_params"


def test_the_sentence_never_repeats_the_value() -> None:
    with pytest.raises(UsageError) as caught:
        check_params((Field("passphrase", Text(3)),), {"passphrase": "hunter22"})
    assert "hunter22" not in caught.value.sentence
