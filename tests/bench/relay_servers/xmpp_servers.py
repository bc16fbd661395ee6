"""ejabberd and prosody of Debian, each on an empty folder, without their own limits on rates and queues."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import Pair
from tests.bench.relay_servers.process import ServerFault, ServerProcess, free_port
from tests.bench.relay_servers.xmpp import XmppLink, XmppPair

PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class XmppServer:
    """What both have in common."""

    name: ClassVar[str]
    package: ClassVar[str]
    held_in: ClassVar[str]
    port: int

    def __init__(self) -> None:
        self.process: ServerProcess | None = None
        self._count = 0

    def version(self) -> str:
        """Return the version of the Debian package.

        Raises:
            ServerFault: it is not installed.
        """
        if shutil.which("dpkg-query") is None:
            raise ServerFault("no dpkg here to ask for the version")
        said = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", self.package],
            capture_output=True, text=True, timeout=10, check=False,
        ).stdout  # fmt: skip
        if not said:
            raise ServerFault(f"{self.package} is not installed (apt install {self.package})")
        return said

    def limits(self) -> dict[str, Any]:
        """Return what was configured."""
        return {"sasl": "PLAIN", "rates": "none", "offline": "unlimited"}

    async def pair(self) -> Pair:
        """Open a pair."""
        self._count += 1
        pair = XmppPair(self.port, str(self._count))
        await pair.open()
        return pair

    async def idle(self) -> Link:
        """Open a session that nobody writes to."""
        self._count += 1
        link = await XmppLink.login(self.port, f"i{self._count}")
        link.write(b"<presence/>")
        return link


class Ejabberd(XmppServer):
    """ejabberd, one node, no distribution."""

    name = "ejabberd"
    package = "ejabberd"
    held_in = "mnesia (memory and a log that is not synced)"

    async def start(self, folder: Path) -> None:
        """Start it."""
        erl = shutil.which("erl", path=PATH)
        if erl is None:
            raise ServerFault("erl is not installed")
        self.port = free_port()
        spool = folder / "ejabberd"
        spool.mkdir()
        (folder / "ejabberd.yml").write_text(EJABBERD.format(port=self.port))
        self.process = await ServerProcess.start(
            [erl, "-noinput", "+K", "true", "-mnesia", "dir", f'"{spool}"', "-s", "ejabberd"],
            log=folder / "ejabberd.log",
            port=self.port,
            environment={
                "ERL_LIBS": "/usr/lib/x86_64-linux-gnu",
                "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
                "EJABBERD_LOG_PATH": str(folder / "ejabberd.out"),
                "HOME": str(folder),
            },
        )


EJABBERD = """
hosts: [localhost]
loglevel: error
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: none
    access: c2s
    starttls: false
access_rules:
  c2s: {{allow: all}}
  register: {{allow: all}}
shaper_rules:
  max_user_sessions: 100
  max_user_offline_messages: 10000000
registration_timeout: infinity
auth_method: internal
modules:
  mod_offline: {{access_max_user_messages: max_user_offline_messages}}
  mod_register: {{access: register, ip_access: all, password_strength: 0}}
  mod_roster: {{}}
  mod_ping: {{}}
  mod_stream_mgmt: {{max_ack_queue: infinity}}
"""


class Prosody(XmppServer):
    """prosody with its file storage."""

    name = "prosody"
    package = "prosody"
    held_in = "files that are not synced"

    async def start(self, folder: Path) -> None:
        """Start it."""
        program = shutil.which("prosody", path=PATH)
        if program is None:
            raise ServerFault("prosody is not installed")
        self.port = free_port()
        data = folder / "prosody"
        data.mkdir()
        configuration = folder / "prosody.cfg.lua"
        configuration.write_text(PROSODY.format(port=self.port, data=data, log=folder / "prosody.out"))
        self.process = await ServerProcess.start(
            [program, "-F", "--config", str(configuration)], log=folder / "prosody.log", port=self.port
        )


PROSODY = """
run_as_root = true
daemonize = false
data_path = "{data}"
log = {{ error = "{log}" }}
modules_enabled = {{ "roster", "saslauth", "register", "ping", "offline", "smacks", "disco" }}
modules_disabled = {{ "s2s", "tls", "http" }}
allow_registration = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_interfaces = {{ "127.0.0.1" }}
smacks_max_queue_size = 10000000
VirtualHost "localhost"
"""
