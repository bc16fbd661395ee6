"""Configuration: one table behind file and flags; a flag beats the file; nothing unknown or wrong is taken."""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from byre.errors import UsageError
from byre.relay.config import Config, add_config_flags, config_from, documented
from byre.relay.settings import Limits

PACKAGING = Path(__file__).resolve().parents[3] / "packaging" / "relay"


def parsed(*words: str, file: str | None = None, folder: Path | None = None) -> Config:
    parser = argparse.ArgumentParser()
    add_config_flags(parser)
    if file is not None and folder is not None:
        (folder / "relay.toml").write_text(file, encoding="utf-8")
        words = ("--config", str(folder / "relay.toml"), *words)
    return config_from(parser.parse_args(words))


def test_nothing_given_is_the_defaults() -> None:
    assert parsed() == Config()


def test_the_documented_file_is_the_defaults_and_names_every_option(tmp_path: Path) -> None:
    assert parsed(file=documented(), folder=tmp_path) == Config()
    told = tomllib.loads(documented())
    assert told.keys() == {part.name for part in fields(Config)}
    assert told["limits"].keys() == {part.name for part in fields(Limits)}


def test_the_packaged_file_is_the_documented_one_made_fit_for_a_server(tmp_path: Path) -> None:
    text = (PACKAGING / "relay.toml").read_text(encoding="utf-8")
    packaged = parsed(file=text, folder=tmp_path)
    assert packaged.data == "/var/lib/byre-relay"
    assert packaged.admin
    assert packaged.limits == Limits()


def test_a_flag_beats_the_file(tmp_path: Path) -> None:
    file = 'data = "/a"\nlisten = "127.0.0.1:1"\ntrusted_proxy = true\n[limits]\nheld_messages = 5\nping_s = 7\n'
    config = parsed("--data", "/b", "--limit-held-messages", "6", file=file, folder=tmp_path)
    assert (config.data, config.listen, config.trusted_proxy) == ("/b", "127.0.0.1:1", True)
    assert (config.limits.held_messages, config.limits.ping_s) == (6, 7)


def test_origins_may_be_repeated(tmp_path: Path) -> None:
    wanted = ("https://a.example", "https://b.example")
    assert parsed("--origin", wanted[0], "--origin", wanted[1]).origins == wanted
    assert parsed(file='origins = ["https://a.example", "https://b.example"]', folder=tmp_path).origins == wanted


@pytest.mark.parametrize(
    "file",
    [
        "colour = 1",
        "[limits]\nheld_cows = 1",
        "limits = 3",
        "listen = 8440",
        'trusted_proxy = "yes"',
        'origins = "https://a.example"',
        "origins = [1]",
        "[limits]\nping_s = true",
        "[limits]\nping_s = -1",
        "[limits]\nping_s = 1.5",
        "[limits]\nttl_cap_s = 999999",
        "[limits]\nblob_readers = 5000",
        'durability = "tape"',
        "not toml",
        "\x00",
    ],
)
def test_what_is_unknown_or_wrong_is_refused(tmp_path: Path, file: str) -> None:
    with pytest.raises(UsageError):
        parsed(file=file, folder=tmp_path)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        parsed("--config", str(tmp_path / "missing.toml"))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError):
        parsed("--config", str(tmp_path / "binary.toml"))


def test_a_data_directory_is_needed() -> None:
    with pytest.raises(UsageError):
        _ = parsed().data_path
    assert parsed("--data", "/x").data_path == Path("/x")
