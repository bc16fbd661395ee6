"""A crowd of mls-rs members that comes and goes, and one member of ours that only follows.

`python -m tests.interop.rs_crowd [ROUNDS [SEED]]`. The histories have the shape of the official passive-client-random
vectors: in each round some are removed by value and up to 29 are added by proposals of one sender, all by reference.
The binding tells no epoch authenticator, so that exporter secrets are compared instead of a file being written.
"""

from __future__ import annotations

import random as stdlib_random
import sys
from typing import Any

from tests.fakes.mls import seeded
from tests.interop.members import OurMember
from tests.interop.mixed_room import EXPORT

SPEAKERS = 3
MOST_ADDED = 29


class RsCrowd:
    """`SPEAKERS` mls-rs members commit; all others join, say a word so that they can be named, and fall silent."""

    def __init__(self, seed: int) -> None:
        import mls_rs_uniffi  # not built for every platform

        self._foreign: Any = mls_rs_uniffi
        self.dice = stdlib_random.Random(seed)
        self.follower = OurMember("follower", 1, seed)
        self.silent: dict[str, Any] = {}
        self.largest = 0
        self._named = 0
        first = self._client()
        self.speakers = [first.create_group(seeded(seed)(16))]
        clients = [self._client() for _ in range(SPEAKERS - 1 + 8)]
        packages = [client.generate_key_package_message() for client in clients]
        packages.insert(
            self.dice.randrange(len(packages)), self._foreign.Message.from_bytes(self.follower.key_package())
        )
        made = self.speakers[0].add_members(packages)
        self.speakers[0].process_incoming_message(made.commit_message)
        self.follower.join(made.welcome_message.to_bytes(), None)
        groups = [client.join_group(None, made.welcome_message).group for client in clients]
        self.speakers += groups[: SPEAKERS - 1]
        for group in groups[SPEAKERS - 1 :]:
            self._hear(group)
        self.check()

    def round(self) -> None:
        """Remove some and add some."""
        committer = self.dice.choice(self.speakers)
        gone = self.dice.sample(sorted(self.silent), k=self.dice.randint(0, len(self.silent)))
        if gone:
            self._publish(committer, committer.remove_members([self.silent.pop(name) for name in gone]))
        committer = self.dice.choice(self.speakers)
        clients = [self._client() for _ in range(self.dice.randint(1, MOST_ADDED))]
        proposals = committer.propose_add_members([client.generate_key_package_message() for client in clients])
        for proposal in proposals:
            for speaker in self.speakers:
                if speaker is not committer:
                    speaker.process_incoming_message(proposal)
            self.follower.process(proposal.to_bytes(), "")
        made = committer.commit()
        self._publish(committer, made)
        for client in clients:
            self._hear(client.join_group(None, made.welcome_message).group)

    def check(self) -> None:
        """Everybody who speaks, and the follower, have one exporter secret."""
        secrets = {speaker.export_secret(EXPORT.encode(), b"", 32) for speaker in self.speakers}
        assert secrets == {self.follower.export(EXPORT, 32)}
        self.largest = max(self.largest, len(self.follower.group.members))

    def _client(self) -> Any:
        self._named += 1
        keys = self._foreign.generate_signature_keypair(self._foreign.CipherSuite.CURVE25519_AES128)
        return self._foreign.Client(b"rs%d" % self._named, keys, self._foreign.client_config_default())

    def _publish(self, committer: Any, made: Any) -> None:
        for speaker in self.speakers:
            speaker.process_incoming_message(made.commit_message)
        self.follower.process(made.commit_message.to_bytes(), "")
        self.check()

    def _hear(self, group: Any) -> None:
        """Let the speakers hear a newcomer: the binding names nobody whom it has not heard."""
        name = f"s{self._named}.{len(self.silent)}.{self.dice.random()}"
        word = group.encrypt_application_message(name.encode())
        for speaker in self.speakers:
            heard = speaker.process_incoming_message(word)
        self.silent[name] = heard.sender
        assert self.follower.process(word.to_bytes(), "").data == name.encode()


def main(arguments: list[str]) -> int:
    """Follow a crowd; return the exit status."""
    rounds, seed = ([int(each) for each in arguments] + [20, 1][len(arguments) :])[:2]
    crowd = RsCrowd(seed)
    for _ in range(rounds):
        crowd.round()
    print(f"{rounds} rounds, {crowd.follower.group.epoch} epochs, up to {crowd.largest} members: all agree")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
