import subprocess
import sys
from pathlib import Path

import pytest

from byre import __version__, bootstrap
from byre.__main__ import main
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError

Calls = list[tuple[str, object]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What bootstrap was asked to run; nothing is run."""
    seen: Calls = []

    def record(name: str) -> None:
        def run(*arguments: object, **options: object) -> int:
            seen.append((name, options or arguments))
            return 0

        monkeypatch.setattr(bootstrap, name, run)

    for name in ("run_window", "run_rpc", "run_relay", "run_scan", "run_demo"):
        record(name)
    return seen


ROUTE = {"proxy": None, "ca_file": None}
WINDOW = {"role": "linked", "profile": None, "relay": None, "link": None, "with_rpc": False, **ROUTE}


def test_no_command_is_the_window(calls: Calls) -> None:
    assert main([]) == 0
    assert calls == [("run_window", WINDOW)]


def test_phone_is_the_window_in_the_primary_role(calls: Calls) -> None:
    main(["phone", "--profile", "p", "--relay", "http://r", "--rpc"])
    wanted = {"role": "primary", "profile": Path("p"), "relay": "http://r", "link": None, "with_rpc": True, **ROUTE}
    assert calls == [("run_window", wanted)]


@pytest.mark.parametrize("words", [["byre://link#A"], ["--profile", "p", "byre://link#A"], ["phone", "byre://link#A"]])
def test_a_link_is_taken_wherever_it_stands(calls: Calls, words: list[str]) -> None:
    main(words)
    options = calls[0][1]
    assert isinstance(options, dict)
    assert options["link"] == "byre://link#A"


def test_rpc_needs_its_profile(calls: Calls) -> None:
    main(["rpc", "--profile", "p", "--proxy", "socks5h://127.0.0.1:9050", "--ca-file", "ca.pem"])
    assert calls == [("run_rpc", {"proxy": "socks5h://127.0.0.1:9050", "ca_file": Path("ca.pem")})]
    with pytest.raises(SystemExit) as caught:
        main(["rpc"])
    assert caught.value.code == 2


def test_scan_takes_its_profile_and_never_a_passphrase(calls: Calls) -> None:
    assert main(["scan", "p"]) == 0
    main(["scan", "p", "--look-for", "f", "--json"])
    assert calls == [
        ("run_scan", {"look_for": None, "as_json": False}),
        ("run_scan", {"look_for": Path("f"), "as_json": True}),
    ]
    with pytest.raises(SystemExit):
        main(["scan", "p", "--passphrase", "x"])


@pytest.mark.parametrize(
    "words", [["--profile", ""], ["phone", "--profile", ""], ["rpc", "--profile", ""], ["scan", ""]]
)
def test_an_empty_name_is_no_folder(calls: Calls, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert (caught.value.code, calls) == (2, [])
    assert "must name a folder" in capsys.readouterr().err


def test_what_is_no_number_is_said_in_words(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--messages", "many"])
    assert "must be 1 or more" in capsys.readouterr().err


def test_the_relay_reads_its_own_options(calls: Calls) -> None:
    main(["relay", "--data", "d", "--listen", "127.0.0.1:0"])
    assert calls == [("run_relay", (["--data", "d", "--listen", "127.0.0.1:0"],))]


def test_the_demo_measures_200_messages(calls: Calls) -> None:
    main(["demo", "--headless", "--json", "--screenshot-dir", "s"])
    wanted = {"headless": True, "as_json": True, "screenshot_dir": Path("s"), "messages": 200}
    assert calls == [("run_demo", wanted)]


def test_no_messages_are_no_demo(calls: Calls) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--messages", "0"])


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"byre {__version__}\n"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("Wrong.", code="bad_params"), 2),
        (EnvironmentFault("Full.", code="disk_full"), 3),
        (PeerError("Bad.", code="malformed"), 1),
    ],
)
def test_an_error_is_one_sentence_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: ByreError, status: int
) -> None:
    def fail(profile: Path, **_: object) -> int:
        raise error

    monkeypatch.setattr(bootstrap, "run_rpc", fail)
    assert main(["rpc", "--profile", "p"]) == status
    assert capsys.readouterr().err == f"byre: {error.sentence} ({error.code})\n"


def test_a_bug_shows_its_type_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(profile: Path, **_: object) -> int:
        raise ValueError("what the user wrote")

    monkeypatch.delenv("BYRE_LOG", raising=False)
    monkeypatch.setattr(bootstrap, "run_rpc", fail)
    assert main(["rpc", "--profile", "p"]) == 1
    assert capsys.readouterr().err == "byre: Something went wrong inside Byre: ValueError (internal)\n"


def test_interrupt_while_python_still_reads_us_leaves_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt\n")
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import byre.__main__"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"")
