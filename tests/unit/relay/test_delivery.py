"""The delivery state machine alone: no sockets, no disk, every step by hand."""

from __future__ import annotations

import random

import pytest

from byre.relay.refusal import Refusal
from byre.wire.frames import (
    FLAG_LIVE_ONLY,
    FLAG_URGENT,
    Acked,
    Err,
    Msg,
    Ready,
    Relayed,
    Send,
    Stored,
)
from tests.fakes.paper_delivery import EPOCH, MAILBOX, TOKEN, Desk, PaperSocket


async def test_attached_and_free_passes_at_once() -> None:
    desk = Desk()
    socket = desk.attach()
    mid = await desk.send(1)
    assert socket.take() == [Ready(MAILBOX, 0, 1), Msg(MAILBOX, 1, mid, b"body")]
    assert desk.sender.take() == [Relayed(mid)]
    desk.delivery.acknowledge(desk.lane, socket, [mid])
    assert desk.sender.take() == [Acked(mid)]
    assert (desk.store.waiting, desk.lane.entries, socket.unsettled_frames, socket.unsettled_bytes) == ([], {}, 0, 0)


async def test_detached_is_stored_before_it_is_told() -> None:
    desk = Desk()
    mid = await desk.send(1)
    assert desk.sender.frames == []
    desk.store.commit()
    assert desk.sender.frames == [Stored(mid, EPOCH)]


async def test_a_failed_write_is_told_and_forgotten() -> None:
    desk = Desk()
    mid = await desk.send(1)
    desk.store.fail()
    assert desk.sender.frames == [Err("disk", 10_000, mid)]
    assert desk.lane.entries == {}
    assert (desk.lane.held_messages, desk.lane.held_bytes) == (0, 0)
    await desk.send(1)  # and may be sent again
    desk.store.commit()
    assert desk.sender.frames[-1] == Stored(mid, EPOCH)


async def test_an_attach_between_acceptance_and_commit_delivers_once_and_erases_after() -> None:
    desk = Desk()
    mid = await desk.send(1)
    socket = desk.attach()
    assert socket.mids == [mid]
    desk.delivery.acknowledge(desk.lane, socket, [mid])
    desk.store.commit()
    assert desk.store.erased == [mid]
    assert desk.sender.frames == [Acked(mid)]
    assert desk.lane.held_messages == 0


async def test_a_lost_socket_sends_what_it_did_not_acknowledge_to_the_store_and_then_again() -> None:
    desk = Desk()
    first = desk.attach()
    mids = [await desk.send(number) for number in range(3)]
    desk.delivery.acknowledge(desk.lane, first, mids[:1])
    desk.delivery.detach(desk.lane, first)
    assert [put.mid for put in desk.store.waiting] == mids[1:]
    assert (first.unsettled_frames, first.lanes) == (0, {})
    second = desk.attach()
    assert second.mids == mids[1:]
    desk.store.commit()
    assert desk.count("spill") == 2


async def test_stored_and_live_share_one_order() -> None:
    desk = Desk()
    socket = desk.attach()
    live = await desk.send(1)
    desk.delivery.detach(desk.lane, socket)
    later = await desk.send(2)
    desk.store.commit()
    again = desk.attach()
    await desk.settle()
    newest = await desk.send(3)
    assert again.mids == [live, later, newest]
    assert [frame.seq for frame in again.frames if isinstance(frame, Msg)] == [1, 2, 3]


async def test_the_newest_attach_wins_and_the_old_socket_is_told() -> None:
    desk = Desk()
    first, second = desk.attach(), desk.attach()
    assert first.frames[-1] == Err("replaced", 0, MAILBOX)
    assert first.closed == 4409
    mid = await desk.send(1)
    assert (first.mids, second.mids) == ([], [mid])
    desk.delivery.acknowledge(desk.lane, first, [mid])  # too late: it is not its mailbox any more
    assert mid in desk.lane.entries
    desk.delivery.detach(desk.lane, first)
    assert desk.lane.socket is second


async def test_beyond_window_and_outbox_messages_go_to_the_store_and_come_back_in_order() -> None:
    desk = Desk(outbox_frames=2)
    socket = desk.attach(PaperSocket(window_frames=2))
    mids = [await desk.send(number) for number in range(8)]
    assert socket.mids == mids[:2]
    assert [put.mid for put in desk.store.waiting] == mids  # the older ones too: a kill must not leave newer ones alone
    desk.store.commit()
    while len(socket.mids) < 8:
        desk.delivery.acknowledge(desk.lane, socket, socket.mids[-2:])
        await desk.settle()
    assert socket.mids == mids
    assert desk.count("outbox_full") == 4


async def test_the_byte_window_counts_and_one_large_message_always_passes() -> None:
    desk = Desk()
    socket = desk.attach(PaperSocket(window_bytes=10))
    large, small = await desk.send(1, body=bytes(100)), await desk.send(2)
    assert socket.mids == [large]
    desk.delivery.acknowledge(desk.lane, socket, [large])
    assert socket.mids == [large, small]


async def test_what_is_not_acknowledged_in_time_is_stored_and_stays_with_the_socket() -> None:
    desk = Desk()
    socket = desk.attach()
    mid = await desk.send(1)
    desk.clock.advance(19)
    desk.delivery.tick()
    assert desk.store.waiting == []
    desk.clock.advance(2)
    desk.delivery.tick()
    desk.delivery.tick()
    assert [put.mid for put in desk.store.waiting] == [mid]
    desk.store.commit()
    assert desk.sender.frames == [Relayed(mid), Stored(mid, EPOCH)]
    assert socket.mids == [mid]
    desk.delivery.acknowledge(desk.lane, socket, [mid])
    assert desk.store.erased == [mid]


async def test_a_write_that_fails_for_a_message_in_flight_is_tried_again() -> None:
    desk = Desk()
    desk.attach()
    mid = await desk.send(1)
    desk.clock.advance(21)
    desk.delivery.tick()
    desk.store.fail()
    assert mid in desk.lane.sent
    desk.clock.advance(21)
    desk.delivery.tick()
    assert [put.mid for put in desk.store.waiting] == [mid]


async def test_what_waits_for_a_window_is_stored_after_a_second() -> None:
    desk = Desk()
    desk.attach(PaperSocket(window_frames=1))
    sent = await desk.send(1)
    waiting = await desk.send(2)
    desk.clock.advance(1.5)
    desk.delivery.tick()
    assert [put.mid for put in desk.store.waiting] == [sent, waiting]


@pytest.mark.parametrize(
    ("mailbox", "token"),
    [(MAILBOX, b"x" * 32), (b"x" * 16, TOKEN), (MAILBOX, b"i" * 32)],
)
async def test_unknown_mailbox_wrong_token_and_introduction_token_are_one_refusal(mailbox: bytes, token: bytes) -> None:
    desk = Desk()
    with pytest.raises(Refusal) as caught:
        await desk.delivery.send(Send(bytes(16), mailbox, token, 0, 0, b""), desk.sender)
    assert (caught.value.code, caught.value.retry_after_ms) == ("token", 0)


async def test_every_limit_refuses_by_its_own_code() -> None:
    async def code(desk: Desk, number: int = 99, *, token: bytes = TOKEN, body: bytes = b"body") -> str:
        with pytest.raises(Refusal) as caught:
            await desk.send(number, token=token, body=body)
        return caught.value.code

    assert await code(Desk(body_bytes=3)) == "size"
    assert await code(Desk(held_messages=0)) == "quota"
    assert await code(Desk(held_bytes=3)) == "quota"
    assert await code(Desk(pending_bytes=3)) == "busy"
    full = Desk()
    full.free_percent = 1.0
    assert await code(full) == "disk"
    full.attach()
    await full.send(1)  # live goes on with a full disk
    slow = Desk(slow_token_burst=1)
    await slow.send(1, token=b"s" * 32)
    assert await code(slow, token=b"s" * 32) == "rate"
    quick = Desk(token_burst=1)
    await quick.send(1)
    await quick.send(1)  # a repeat costs nothing
    assert await code(quick) == "rate"


async def test_one_token_fills_its_share_of_a_mailbox_and_another_still_delivers() -> None:
    desk = Desk(held_messages_per_token=3)
    mids = [await desk.send(number) for number in range(3)]
    with pytest.raises(Refusal) as caught:
        await desk.send(9)
    assert caught.value.code == "quota"
    other = await desk.send(10, token=b"s" * 32)
    desk.store.commit()
    socket = desk.attach()
    await desk.settle()
    assert socket.mids == [*mids, other]
    desk.delivery.acknowledge(desk.lane, socket, mids)
    desk.delivery.detach(desk.lane, socket)
    await desk.send(11)  # what was taken away makes room
    assert desk.lane.share_of(desk.lane.entries[(11).to_bytes(16)].token)[0] == 1


async def test_an_urgent_message_is_on_disk_after_two_seconds_without_an_acknowledgement() -> None:
    desk = Desk()
    socket = desk.attach()
    before = await desk.send(1)
    urgent = await desk.send(2, flags=FLAG_URGENT)
    after = await desk.send(3)
    desk.clock.advance(2.5)
    desk.delivery.tick()
    assert [put.mid for put in desk.store.waiting] == [before, urgent]
    assert socket.mids == [before, urgent, after]


async def test_a_live_only_message_that_nobody_takes_is_told_and_one_that_was_relayed_is_not() -> None:
    desk = Desk()
    socket = desk.attach(PaperSocket(window_frames=1))
    relayed, waiting = await desk.send(1, flags=FLAG_LIVE_ONLY), await desk.send(2, flags=FLAG_LIVE_ONLY)
    desk.delivery.detach(desk.lane, socket)
    assert desk.sender.take() == [Relayed(relayed), Err("absent", 0, waiting)]


async def test_a_repeat_over_another_socket_frees_the_first_ones_window() -> None:
    desk = Desk()
    desk.attach(PaperSocket(window_frames=1))
    await desk.send(1)
    waiting = await desk.send(2)
    newer = PaperSocket()
    await desk.delivery.send(Send(waiting, MAILBOX, TOKEN, 0, 0, b"body"), newer)
    assert desk.sender.released == [waiting]


async def test_only_so_many_acknowledged_mids_are_remembered() -> None:
    desk = Desk(remember_acked=2)
    socket = desk.attach()
    mids = [await desk.send(number) for number in range(4)]
    desk.delivery.acknowledge(desk.lane, socket, mids)
    assert list(desk.lane.acknowledged) == mids[2:]


async def test_a_mid_that_failed_and_came_again_is_delivered_once() -> None:
    desk = Desk(outbox_frames=1)
    socket = desk.attach(PaperSocket(window_frames=1))
    first = await desk.send(1)
    second = await desk.send(2)
    spilled = await desk.send(3)
    desk.store.fail()
    again = await desk.send(3)
    desk.store.commit()
    assert spilled == again
    for mid in (first, second, again):
        desk.delivery.acknowledge(desk.lane, socket, [mid])
        await desk.settle()
    assert socket.mids == [first, second, again]


async def test_live_only_is_never_stored() -> None:
    desk = Desk()
    with pytest.raises(Refusal) as caught:
        await desk.send(1, flags=FLAG_LIVE_ONLY)
    assert caught.value.code == "absent"
    socket = desk.attach(PaperSocket(window_frames=2))
    sent, waiting = await desk.send(2, flags=FLAG_LIVE_ONLY), await desk.send(3, flags=FLAG_LIVE_ONLY)
    stuck = await desk.send(4, flags=FLAG_LIVE_ONLY)
    assert socket.mids == [sent, waiting]
    desk.clock.advance(11)
    desk.delivery.tick()
    assert stuck not in desk.lane.entries
    assert socket.unsettled_frames == 0
    desk.delivery.detach(desk.lane, socket)
    assert (desk.store.waiting, desk.lane.entries) == ([], {})


async def test_a_repeat_is_answered_by_what_became_of_the_first() -> None:
    desk = Desk()
    mid = await desk.send(1)
    desk.store.commit()
    desk.sender.take()
    await desk.send(1)
    assert desk.sender.take() == [Stored(mid, EPOCH)]
    socket = desk.attach()
    await desk.settle()
    desk.delivery.acknowledge(desk.lane, socket, [mid])
    desk.sender.take()
    await desk.send(1)
    assert desk.sender.take() == [Acked(mid)]
    live = await desk.send(2)
    desk.sender.take()
    newer = PaperSocket()
    await desk.delivery.send(Send(live, MAILBOX, TOKEN, 0, 0, b"body"), newer)
    assert newer.take() == [Relayed(live)]
    desk.delivery.acknowledge(desk.lane, socket, [live])
    assert (newer.take(), desk.sender.take()) == ([Acked(live)], [])  # the newest socket is told
    assert desk.count("accepted") == 2


async def test_expired_messages_are_not_delivered_and_their_room_is_given_back() -> None:
    desk = Desk()
    mid = await desk.send(1)
    desk.store.commit()
    desk.clock.advance(49 * 3600)
    socket = desk.attach()
    await desk.settle()
    assert socket.mids == []
    desk.delivery.forget_expired(desk.lane, mid)
    assert (desk.lane.entries, desk.lane.held_messages, desk.lane.held_bytes) == ({}, 0, 0)


async def test_a_drain_puts_everything_that_matters_onto_the_disk() -> None:
    desk = Desk()
    desk.attach(PaperSocket(window_frames=1))
    mids = [await desk.send(number) for number in range(3)]
    desk.delivery.settle_all([desk.lane])
    assert [put.mid for put in desk.store.waiting] == mids
    desk.store.commit()
    assert [frame for frame in desk.sender.frames if isinstance(frame, Stored)] == [Stored(mid, EPOCH) for mid in mids]


@pytest.mark.parametrize("seed", range(60))
async def test_at_every_interleaving_nothing_is_lost_doubled_on_one_socket_or_out_of_order(seed: int) -> None:
    """Attach, detach, sends, commits, failures, acknowledgements and time in a random order (attach races)."""
    dice = random.Random(seed)
    desk = Desk(outbox_frames=3, window_frames=4)
    socket: PaperSocket | None = None
    sockets: list[PaperSocket] = []
    accepted: list[bytes] = []
    acknowledged: set[bytes] = set()
    for step in range(300):
        move = dice.choice(["send", "send", "send", "commit", "ack", "ack", "attach", "detach", "fail", "time", "read"])
        if move == "send":
            accepted.append(await desk.send(step))
        elif move == "commit":
            desk.store.commit()
        elif move == "fail" and dice.random() < 0.2:
            desk.store.fail()
        elif move == "ack" and socket is not None:
            unacknowledged = [mid for mid in socket.mids if mid not in acknowledged]
            mids = unacknowledged[: dice.randrange(3)]
            desk.delivery.acknowledge(desk.lane, socket, mids)
            acknowledged.update(mids)
        elif move == "attach":
            socket = desk.attach(PaperSocket(window_frames=dice.randrange(1, 5)))
            sockets.append(socket)
        elif move == "detach" and socket is not None:
            desk.delivery.detach(desk.lane, socket)
            socket = None
        elif move == "time":
            desk.clock.advance(dice.randrange(25))
            desk.delivery.tick()
        elif move == "read":
            await desk.settle()
    refused = {frame.subject for frame in desk.sender.frames if isinstance(frame, Err)}
    desk.store.commit()
    last = desk.attach()
    sockets.append(last)
    for _ in range(400):
        await desk.settle()
        fresh = [mid for mid in last.mids if mid not in acknowledged]
        if not fresh:
            break
        desk.delivery.acknowledge(desk.lane, last, fresh)
        acknowledged.update(fresh)
    for mid in accepted:
        assert mid in acknowledged or mid in refused
    for each in sockets:
        assert len(set(each.mids)) == len(each.mids)
        assert each.mids == sorted(each.mids)
    assert (desk.lane.entries, desk.lane.held_messages, desk.lane.held_bytes) == ({}, len(desk.store.waiting), 0)
    assert (last.unsettled_frames, last.unsettled_bytes) == (0, 0)
    await desk.tasks.stop()
