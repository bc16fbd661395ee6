"""How a relay is run: one table of options, each of them a flag and a line of the TOML file. A flag beats the file.

    byre relay --config relay.toml --listen 127.0.0.1:8440          byre relay config > relay.toml   (every default)

```toml
data = "/var/lib/byre-relay"
origins = ["https://relay.example"]
[limits]
held_messages = 2000
```
A name that is not in the table, a wrong type and a number out of range are refused before anything is opened.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from byre.errors import UsageError
from byre.relay.settings import Limits, checked_limits

DURABILITIES: Final = ("disk", "ram")


def _option(default: Any, explanation: str, metavar: str = "") -> Any:
    return field(default=default, metadata={"help": explanation, "metavar": metavar})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The options of one relay; an empty text is "not set"."""

    data: str = _option("", "data directory, made if missing", "DIR")
    listen: str = _option("127.0.0.1:8440", "where clients connect", "HOST:PORT")
    admin: str = _option("", "health, metrics and counters, on loopback only", "HOST:PORT")
    origins: tuple[str, ...] = _option((), "how clients dial this relay (default: from listen); may be repeated", "URL")
    tls_cert: str = _option("", "certificate chain, PEM; read again on SIGHUP and when the file changes", "FILE")
    tls_key: str = _option("", "private key, PEM", "FILE")
    trusted_proxy: bool = _option(False, "count clients by X-Forwarded-For; loopback is limited too")
    durability: str = _option("disk", "where held messages lie: disk, or ram (gone when the relay ends)", "disk|ram")
    limits: Limits = field(default_factory=Limits)

    @property
    def data_path(self) -> Path:
        """Return the data directory.

        Raises:
            UsageError: none was given.
        """
        if not self.data:
            raise UsageError("A relay needs --data DIR.")
        return Path(self.data)


def add_config_flags(parser: argparse.ArgumentParser) -> None:
    """Add --config and one flag per option; what is not given stays out of the result."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with the same options; flags beat it")
    for part in _options():
        name, explanation = "--" + _flag(part.name), part.metadata["help"]
        if part.type == "bool":
            parser.add_argument(name, action="store_true", default=argparse.SUPPRESS, help=explanation)
        elif part.type.startswith("tuple"):
            parser.add_argument(
                name,
                dest=part.name,
                action="append",
                default=argparse.SUPPRESS,
                metavar=part.metadata["metavar"],
                help=explanation,
            )
        else:
            told = f" (default {part.default})" if part.default else ""
            parser.add_argument(
                name, default=argparse.SUPPRESS, metavar=part.metadata["metavar"], help=explanation + told
            )
    group = parser.add_argument_group("limits")
    for limit in fields(Limits):
        group.add_argument(
            "--limit-" + limit.name.replace("_", "-"),
            dest="limit_" + limit.name,
            type=int,
            default=argparse.SUPPRESS,
            metavar="N",
            help=f"{limit.metadata['help']} (default {limit.default})",
        )


def config_from(arguments: argparse.Namespace) -> Config:
    """Return what the file and the flags say.

    Raises:
        UsageError: "bad_params"; the file cannot be read, a name is unknown, a value is wrong.
    """
    path = getattr(arguments, "config", None)
    values = _read(path) if path is not None else {}
    limits = values.pop("limits", {})
    if not isinstance(limits, Mapping):
        raise UsageError("The configuration's limits are a table.")
    given = vars(arguments)
    values |= {part.name: given[part.name] for part in _options() if part.name in given}
    limits = {
        **limits,
        **{each.name: given["limit_" + each.name] for each in fields(Limits) if "limit_" + each.name in given},
    }
    checked = {part.name: _checked(part, values.pop(part.name)) for part in _options() if part.name in values}
    if values:
        raise UsageError(f"The configuration knows no {sorted(values)[0]!r}.")
    config = Config(limits=checked_limits(limits), **checked)
    if config.durability not in DURABILITIES:
        raise UsageError("Durability is disk or ram.")
    return config


def documented() -> str:
    """Return the TOML file that says every default and what it means."""
    lines = ["# A relay's configuration: every option with its default. `byre relay --help` has the same as flags.", ""]
    for part in _options():
        lines += [f"# {part.metadata['help']}", f"{part.name} = {_toml(part.default)}", ""]
    lines += ["[limits]", ""]
    for limit in fields(Limits):
        lines += [f"# {limit.metadata['help']}", f"{limit.name} = {_toml(limit.default)}", ""]
    return "\n".join(lines)


def _options() -> Iterator[Any]:
    return (part for part in fields(Config) if part.default is not MISSING)


def _flag(name: str) -> str:
    return {"origins": "origin"}.get(name, name.replace("_", "-"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError("The configuration file cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else ""
        raise UsageError(f"The configuration file is not TOML{where}.") from None


def _checked(part: Any, value: object) -> Any:
    if isinstance(part.default, bool):
        is_right = isinstance(value, bool)
    elif isinstance(part.default, tuple):
        is_right = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        value = tuple(value) if isinstance(value, list | tuple) else value
    else:
        is_right = isinstance(value, str)
    if not is_right:
        raise UsageError(f"The configuration's {part.name!r} has the wrong type.")
    return value


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)  # numbers, texts, truth: spelled alike
