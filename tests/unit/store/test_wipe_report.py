"""What a certificate promises and what not."""

from __future__ import annotations

from byre.store.wipe_report import STEPS, exports_of, limits_of, remnants_of


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


def test_remnants_are_named_as_far_as_a_certificate_has_room() -> None:
    assert remnants_of(("a", "b")) == ("a", "b")
    (cut,) = remnants_of(("x" * 5000 + " (temporary file)",))
    assert (len(cut), cut[:140], cut[-18:]) == (200, "x" * 139 + "…", "x (temporary file)")
    many = remnants_of([f"file {number}" for number in range(5000)])
    assert len(many) == 100
    assert many[:1] == ("file 0",)
    assert many[-1] == "4901 more places"
