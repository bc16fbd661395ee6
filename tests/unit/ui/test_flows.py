"""The flows without a toolkit: linking on both sides, wipe, first run."""

from __future__ import annotations

import pytest

from byre.client.views import (
    LinkOffer,
    LinkRequest,
    ProfileState,
    Role,
    RoomId,
    Status,
    WipeCertificate,
    WipePreview,
)
from byre.ui.flows import link_pc, link_phone
from byre.ui.flows.first_run import Form, RecoveryCheck, is_relay, page_for, problems
from byre.ui.flows.link_pc import PcLink
from byre.ui.flows.link_phone import PhoneLink
from byre.ui.flows.wipe import Asking, Certified, Failed, Running, WipeFlow

NOW = 1_000_000
OFFER = LinkOffer("byre://link#x", NOW + 300_000)
DEADLINE = NOW + 900_000


def shown() -> PcLink:
    flow = PcLink("https://relay.example")
    assert flow.start() == (link_pc.Offer(),)
    flow.offered(OFFER)
    return flow


def test_pc_goes_from_offer_to_linked() -> None:
    flow = shown()
    assert flow.state == link_pc.Shown(OFFER.uri, OFFER.expires_at)
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    assert flow.state == link_pc.CodeShown("123456", "seoyeon@relay.example", DEADLINE)
    flow.ready("seoyeon", "relay.example")
    assert flow.answer(True) == (link_pc.Finish(True),)
    assert flow.answer(True) == ()
    flow.finished()
    assert flow.state == link_pc.Linked()
    assert flow.ended("offer_expired") == ()


def test_pc_says_no_and_begins_anew() -> None:
    flow = shown()
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    flow.ready("seoyeon", "relay.example")
    commands = flow.answer(False)
    assert commands == (link_pc.Finish(False), link_pc.Say("link_refused"), link_pc.Offer())
    assert flow.state == link_pc.Preparing()


def test_another_account_than_the_shown_one_is_never_confirmed() -> None:
    flow = shown()
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    assert link_pc.Finish(False) in flow.ready("mallory", "relay.example")
    assert flow.state == link_pc.Preparing()


def test_confirmation_is_never_asked_without_digits() -> None:
    flow = shown()
    flow.ready("seoyeon", "relay.example")
    assert flow.state == link_pc.Preparing()
    assert flow.answer(True) == ()


def test_expired_offer_is_renewed_silently_and_expired_digits_are_told() -> None:
    flow = shown()
    assert flow.tick(OFFER.expires_at - 1) == ()
    assert flow.tick(OFFER.expires_at) == (link_pc.Cancel(), link_pc.Offer())
    assert flow.tick(OFFER.expires_at + 1) == ()
    flow = shown()
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    assert flow.tick(OFFER.expires_at) == ()
    assert link_pc.Say("offer_expired") in flow.tick(DEADLINE)


def test_digits_of_an_offer_made_elsewhere_are_shown() -> None:
    flow = PcLink(None)
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    assert flow.state == link_pc.CodeShown("123456", "seoyeon@relay.example", DEADLINE)


@pytest.mark.parametrize("code", ["offer_used", "cancelled", "link_failed"])
def test_ended_handshake_is_told_and_begins_anew(code: str) -> None:
    flow = shown()
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    told = "phone_withdrew" if code == "offer_used" else code  # nobody used this code: the phone gave up
    assert flow.ended(code) == (link_pc.Say(told), link_pc.Offer())
    flow = shown()
    assert flow.ended("offer_used") == (link_pc.Say("offer_used"), link_pc.Offer())


def test_relay_and_passphrase_are_asked_for() -> None:
    flow = PcLink(None)
    assert flow.start() == ()
    assert flow.state == link_pc.NoRelay()
    assert flow.choose_relay(" https://relay.example ") == (link_pc.Offer(),)
    flow.offer_failed("passphrase_required")
    assert flow.state == link_pc.PassphraseWanted()
    assert flow.choose_passphrase("long enough") == (link_pc.Offer(),)
    flow.offer_failed("relay_unreachable")
    assert flow.state == link_pc.Unreachable("relay_unreachable")
    flow = shown()
    assert flow.choose_relay("https://other.example") == (link_pc.Cancel(), link_pc.Offer())


def test_cancelling_shown_digits_makes_a_new_offer() -> None:
    flow = shown()
    assert flow.cancel() == ()
    flow.code_shown("123456", "seoyeon", "relay.example", DEADLINE)
    assert flow.cancel() == (link_pc.Cancel(), link_pc.Offer())


REQUEST = LinkRequest("거실 PC", "Linux")


def typing() -> PhoneLink:
    flow = PhoneLink()
    assert flow.read(" byre://link#abc\n") == (link_phone.Accept("byre://link#abc"),)
    flow.accepted(REQUEST)
    return flow


def test_phone_types_six_digits_by_hand() -> None:
    flow = typing()
    for key in ("1", "a", "2", "", "34", "3", "٤", "4", "5"):
        flow.type(key)
    assert flow.connect() == ()
    flow.erase()
    for key in "5678":
        flow.type(key)
    assert flow.connect() == (link_phone.Confirm("123456"),)
    assert flow.type("1") == ()
    flow.matched()
    assert flow.state == link_phone.Done(REQUEST)


def test_wrong_digits_cost_a_try_and_the_third_the_offer() -> None:
    flow = typing()
    for left in (2, 1):
        for key in "000000":
            flow.type(key)
        flow.connect()
        flow.failed("code_mismatch")
        assert isinstance(flow.state, link_phone.Typing)
        assert (flow.state.tries, flow.state.digits, flow.state.is_wrong) == (left, "", True)
    for key in "000000":
        flow.type(key)
    flow.connect()
    flow.failed("code_mismatch")
    assert flow.state == link_phone.Dead("three_wrong")


def test_lost_relay_keeps_the_digits() -> None:
    flow = typing()
    for key in "123456":
        flow.type(key)
    flow.connect()
    flow.failed("relay_unreachable")
    assert isinstance(flow.state, link_phone.Typing)
    assert flow.state.digits == "123456"
    assert flow.state.tries == 3


@pytest.mark.parametrize("junk", ["", "https://x", "byre://show", "byre://link#" + "x" * 5000, "byre://link#한"])
def test_junk_is_never_handed_to_the_engine(junk: str) -> None:
    flow = PhoneLink()
    assert flow.read(junk) == ()
    assert flow.state == link_phone.Reading("bad_link")


def test_phone_gives_up_at_any_time() -> None:
    flow = typing()
    assert flow.cancel() == (link_phone.Cancel(),)
    assert flow.cancel() == ()
    flow = typing()
    flow.ended("offer_expired")
    assert flow.state == link_phone.Dead("offer_expired")
    flow = PhoneLink()
    flow.read("byre://link#abc")
    flow.failed("offer_used")
    assert flow.state == link_phone.Reading("offer_used")
    flow.unreadable()
    assert flow.state == link_phone.Reading("no_qr")


CERTIFICATE = WipeCertificate("w", 1, {}, {}, (), 2, "A", (), (), "s", "{}")


def test_wipe_starts_once_after_the_question() -> None:
    flow = WipeFlow(RoomId("r"))
    assert not flow.start()
    flow.counted(WipePreview(5, 1, 0, "A"))
    assert isinstance(flow.state, Asking)
    assert flow.start()
    assert not flow.start()
    assert flow.state == Running(messages=5, others=1)


def test_wipe_progress_never_goes_back_and_announces_quarters() -> None:
    flow = WipeFlow(RoomId("r"))
    flow.counted(WipePreview(5, 1, 0, "A"))
    flow.start()
    assert not flow.progressed("delete", 0.2)
    assert flow.progressed("rebuild", 0.26)
    assert not flow.progressed("delete", 0.1)
    assert flow.state == Running(2, 0.26, 5, 1)
    assert not flow.progressed("a step of a newer engine", 0.3)


def test_percent_is_that_of_the_step_and_only_of_those_that_take_time() -> None:
    flow = WipeFlow(RoomId("r"))
    flow.counted(WipePreview(5, 1, 0, "A"))
    flow.start()
    seen = []
    for step, fraction in (
        ("hide", 0.02), ("delete", 0.05), ("delete", 0.15), ("rebuild", 0.25), ("rebuild", 0.35), ("scan", 0.45),
        ("scan", 0.8), ("switch", 0.8), ("destroy", 0.85), ("certify", 0.9), ("certify", 1.0),
    ):  # fmt: skip
        flow.progressed(step, fraction)
        assert isinstance(flow.state, Running)
        seen.append(flow.state.percent)
    assert seen == [None, 0, 50, 0, 50, 0, 100, None, None, 0, 100]


def test_closing_the_wipe_window_only_hides() -> None:
    flow = WipeFlow(RoomId("r"))
    assert not flow.close_window()
    flow.counted(WipePreview(5, 1, 0, "A"))
    flow.start()
    assert flow.close_window()
    flow.certified(CERTIFICATE)
    assert flow.state == Certified(CERTIFICATE)
    assert not flow.is_hidden


def test_failed_wipe_knows_whether_it_had_begun() -> None:
    flow = WipeFlow(RoomId("r"))
    flow.failed("disk_full")
    assert flow.state == Failed("disk_full", False)
    flow = WipeFlow(RoomId("r"))
    flow.counted(WipePreview(5, 1, 0, "A"))
    flow.start()
    flow.failed("disk_full")
    assert flow.state == Failed("disk_full", True)


def test_page_for_each_state() -> None:
    def status(state: ProfileState) -> Status:
        return Status(state, None, False)

    assert page_for(status(ProfileState.NEW), "linked") == "link"
    assert page_for(status(ProfileState.NEW), Role.PRIMARY) == "create"
    assert page_for(status(ProfileState.LOCKED), "linked") == "lock"
    assert page_for(status(ProfileState.READY), "primary") == "chats"


def test_form_is_checked_before_it_is_sent() -> None:
    good = Form(handle="서연", name="김서연", relay="https://relay.example")
    assert problems(good) == {}
    assert problems(Form()) == {"handle": "bad_handle", "relay": "bad_relay"}
    assert problems(Form(handle="a b", relay="relay.example")) == {"handle": "bad_handle", "relay": "bad_relay"}
    short = Form(handle="ab", relay="http://127.0.0.1:8440", passphrase="short", repeated="short")
    assert problems(short) == {"passphrase": "passphrase_short"}
    assert problems(good, passphrase_required=True) == {"passphrase": "passphrase_short"}
    assert problems(Form(handle="ab", relay="http://h", passphrase="x" * 9, repeated="y")) == {
        "repeated": "passphrase_differs"
    }
    assert problems(good, restoring=True) == {"code": "wrong_recovery_code"}


@pytest.mark.parametrize("text", ["", "relay", "ftp://x", "http://", "http://x:99999", "https://[::1", "javascript:1"])
def test_what_is_no_relay(text: str) -> None:
    assert not is_relay(text)


def test_recovery_code_is_proven_by_one_group() -> None:
    check = RecoveryCheck("AAAA-BBBB-CCCC")
    assert check.group_number == 2
    assert check.is_right(" bbbb ")
    assert not check.is_right("AAAA")
    assert not check.is_right("")
