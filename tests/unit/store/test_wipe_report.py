"""What a certificate promises and what not."""

from __future__ import annotations

from byre.store.wipe_report import STEPS, exports_of, limits_of


def test_every_mode_has_limits_and_c_says_that_images_are_not_covered() -> None:
    assert "before_and_after_images" in limits_of("C")
    assert "before_and_after_images" not in limits_of("A")
    assert "key_store_login_password" in limits_of("A")
    assert limits_of("B") == limits_of("A")  # its passphrase may be learnt later: then S is what is left


def test_steps_are_the_engines() -> None:
    assert STEPS == ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")


def test_backups_are_named_by_their_minute() -> None:
    assert exports_of([1_760_000_000_000, 0]) == ("backup 2025-10-09T08:53Z", "backup 1970-01-01T00:00Z")
    assert exports_of(None) == exports_of("no list") == exports_of([]) == exports_of(["x"]) == ()
