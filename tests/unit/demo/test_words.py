from byre.demo.story import _percentile
from byre.demo.words import new_handle, new_mark, new_passphrase, new_text


def test_no_two_runs_say_the_same() -> None:
    for make in (new_text, new_mark, new_passphrase):
        assert len({make() for _ in range(100)}) == 100


def test_a_handle_has_letters_and_digits_only() -> None:
    assert new_handle("haeun").isalnum()


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(n) for n in range(1, 201)]
    assert (_percentile(values, 50), _percentile(values, 99), _percentile([5.0], 99)) == (100.0, 198.0, 5.0)
