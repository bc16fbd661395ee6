from __future__ import annotations

from byre.client.delivery.fan_out import Recipient, echo, seal_for_all, shuffled
from byre.crypto.random import system_random
from byre.identity.leaf import DeliveryAddress
from byre.identity.mailbox import MailboxKeys, open_envelope
from byre.wire.envelope import ECHO, MLS_MESSAGE
from byre.wire.ids import DeliveryToken


def mailbox() -> MailboxKeys:
    return MailboxKeys.generate(system_random)


def recipient(number: int, keys: MailboxKeys) -> Recipient:
    token = DeliveryToken(bytes([number]) * 32)
    address = DeliveryAddress("https://relay.test", keys.mailbox_id, keys.box_public, token)
    return Recipient(b"account", bytes([number]) * 16, address)


def test_everybody_gets_the_same_body_under_a_mid_of_their_own() -> None:
    boxes = {bytes([n]) * 16: mailbox() for n in range(5)}
    sealed = seal_for_all(
        [recipient(device[0], keys) for device, keys in boxes.items()], MLS_MESSAGE, b"hello", system_random
    )
    assert {one.recipient.device_id for one in sealed} == boxes.keys()
    assert len({one.mid for one in sealed}) == 5
    for one in sealed:
        opened = open_envelope(boxes[one.recipient.device_id].box_private, one.envelope)
        assert (opened.type, opened.body) == (MLS_MESSAGE, b"hello")


def test_an_echo_fills_the_same_bucket_and_says_nothing() -> None:
    own = mailbox()
    sealed = seal_for_all([recipient(1, own)], MLS_MESSAGE, bytes(700), system_random)[0]
    back = echo(recipient(1, own), 700, system_random)
    assert len(back.envelope) == len(sealed.envelope)
    assert open_envelope(own.box_private, back.envelope).type == ECHO


def test_a_shuffle_keeps_everything_and_can_give_any_order() -> None:
    orders = {tuple(shuffled([1, 2, 3], system_random)) for _ in range(200)}
    assert len(orders) == 6
    assert shuffled([], system_random) == []
