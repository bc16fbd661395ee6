"""`byre …`: parses the command line and hands over to `bootstrap`, nothing else.

No import of ours but errors happens before the arguments are understood, so that `--help` and a mistyped option
answer at once and the window's start pays for what it uses only.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130

try:
    import argparse
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from byre import __version__
    from byre.errors import ByreError, EnvironmentFault, InternalBug, UsageError
except KeyboardInterrupt:  # Ctrl+C in the first instants ends as it does later, without a traceback
    sys.exit(INTERRUPTED)

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3

LINK_SCHEME = "byre://"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one `byre` command. Returns the exit status: 0 done, 1 failed, 2 wrong usage, 3 the machine failed us."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # the desktop starts us with a bare link; taken out first, since argparse would read it as a subcommand
    link = next((word for word in words if word.startswith(LINK_SCHEME)), None)
    try:
        if words[:1] == ["relay"]:
            from byre import bootstrap

            return bootstrap.run_relay(words[1:])
        return _run(build_parser().parse_args([word for word in words if word != link]), link)
    except UsageError as error:
        return _complain(error, EXIT_USAGE)
    except EnvironmentFault as error:
        return _complain(error, EXIT_ENVIRONMENT)
    except ByreError as error:
        return _complain(error, EXIT_FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("BYRE_LOG", "").upper() == "DEBUG":
            raise
        # a traceback's last line may hold what a user wrote: the type alone is told
        return _complain(InternalBug(f"Something went wrong inside Byre: {type(error).__name__}"), EXIT_FAILED)


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, as `byre --help` shows it."""
    parser = argparse.ArgumentParser(prog="byre", description="Byre (외양간), the private messenger for the PC.")
    parser.add_argument("--version", action="version", version=f"byre {__version__}")
    parser.add_argument("--selftest", action="store_true", help="check this installation, print each value, and leave")
    _add_window_options(parser)
    parser.set_defaults(command="window")
    commands = parser.add_subparsers(metavar="COMMAND")

    phone = commands.add_parser("phone", help="the same program in the phone's role and size")
    phone.set_defaults(command="phone")
    _add_window_options(phone)

    rpc = commands.add_parser("rpc", help="the engine as JSON-RPC 2.0, one object per line on stdin and stdout")
    rpc.set_defaults(command="rpc")
    rpc.add_argument("--profile", type=_folder, required=True, metavar="DIR", help="where this device's data lies")
    _add_route_options(rpc)

    # its options are the relay's own: see `byre relay --help`
    commands.add_parser("relay", help="a relay: --data DIR --listen HOST:PORT", add_help=False)

    scan = commands.add_parser("scan", help="name everything in a profile that no row of its database reaches")
    scan.set_defaults(command="scan")
    scan.add_argument("profile", type=_folder, metavar="PROFILE", help="the profile's folder; it must not be open")
    scan.add_argument("--look-for", type=Path, metavar="FILE", help="lines of text to look for everywhere besides")
    scan.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    demo = commands.add_parser("demo", help="a relay, two people and a linked PC on this machine, as real processes")
    demo.set_defaults(command="demo")
    demo.add_argument("--headless", action="store_true", help="run unattended, without windows to play with")
    demo.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    demo.add_argument("--screenshot-dir", type=Path, metavar="DIR", help="write screenshots of the PC window there")
    demo.add_argument("--messages", type=_positive, default=200, metavar="N", help="messages timed (default 200)")
    return parser


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    """`argparse` writes a subcommand's defaults over the parser's: options come after the subcommand's name."""
    parser.add_argument("--profile", type=_folder, metavar="DIR", help="where this device's data lies")
    parser.add_argument("--relay", metavar="URL", help="the relay offered at the first run")
    parser.add_argument("--rpc", action="store_true", help="also answer JSON-RPC on stdin and stdout beside the window")
    _add_route_options(parser)


def _add_route_options(parser: argparse.ArgumentParser) -> None:
    """How relays are reached in this run; without them the profile's own settings count."""
    parser.add_argument(
        "--proxy", metavar="URL", help="socks5h://HOST:PORT (Tor: socks5h://127.0.0.1:9050) or http://…"
    )
    parser.add_argument("--ca-file", type=Path, metavar="PEM", help="authorities to believe beside the system's")


def _folder(text: str) -> Path:
    """An empty name, of a variable that is not set, would be the folder that one happens to be in."""
    if not text:
        raise argparse.ArgumentTypeError("must name a folder")
    return Path(text)


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _run(options: argparse.Namespace, link: str | None) -> int:
    if options.command == "window" and options.selftest:
        from byre.selftest import run_selftest

        return run_selftest()
    from byre import bootstrap

    match options.command:
        case "window" | "phone":
            return bootstrap.run_window(
                role="primary" if options.command == "phone" else "linked",
                profile=options.profile,
                relay=options.relay,
                link=link,
                with_rpc=options.rpc,
                proxy=options.proxy,
                ca_file=options.ca_file,
            )
        case "rpc":
            return bootstrap.run_rpc(options.profile, proxy=options.proxy, ca_file=options.ca_file)
        case "scan":
            return bootstrap.run_scan(options.profile, look_for=options.look_for, as_json=options.json)
        case _:
            return bootstrap.run_demo(
                headless=options.headless,
                as_json=options.json,
                screenshot_dir=options.screenshot_dir,
                messages=options.messages,
            )


def _complain(error: ByreError, status: int) -> int:
    sys.stderr.write(f"byre: {error.sentence} ({error.code})\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
