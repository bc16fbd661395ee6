"""Store files: bytes from a damaged or foreign profile parse, or raise `PeerError`, and never anything else.

And two things that are no decoders but meet arbitrary text: a search, and the layout of a decrypted page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from byre.errors import PeerError
from byre.store import bigrams
from byre.store.forensics_dead import PageMap, overflow_of, regions_of
from byre.store.forensics_layout import free_pages, place_in_page
from byre.store.forensics_needles import NeedleSet, samples_of
from byre.store.forensics_pages import Page
from byre.store.search_query import SearchQuery, match_expression
from byre.store.vault_key_file import KeyFile
from byre.store.vault_manifest import Manifest
from byre.store.wipe_needles import decode_needles
from byre.store.wipe_scope import WipeScope
from tests.fuzz.damage import damage, recipes, refusing
from tests.unit.store.test_vault_key_file import key_file

EXAMPLES = 2000


TARGETS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "byre.store.vault_manifest:Manifest.from_bytes": (Manifest.from_bytes, Manifest(7, b"p" * 16).to_bytes()),
    "byre.store.vault_key_file:KeyFile.from_bytes": (KeyFile.from_bytes, key_file().to_bytes()),
    "byre.store.wipe_needles:decode_needles": (decode_needles, b"\x14a needle of 20 bytes\x10sixteen bytes ok"),
}


@settings(max_examples=EXAMPLES, deadline=None)
@given(recipes)
def test_bytes_of_a_profile_parse_or_raise_peer_error(recipe: bytes) -> None:
    for name, (decode, sample) in TARGETS.items():
        with refusing(name):
            decode(damage(sample, recipe))


def test_undamaged_bytes_of_a_profile_parse() -> None:
    for decode, sample in TARGETS.values():
        decode(sample)


@settings(max_examples=EXAMPLES, deadline=None)
@given(recipes)
def test_what_parses_is_written_back_as_it_was(recipe: bytes) -> None:
    data = damage(key_file().to_bytes(), recipe)
    with refusing("byre.store.vault_key_file:KeyFile.from_bytes"):
        assert KeyFile.from_bytes(data).to_bytes() == data


@pytest.fixture(scope="module")
def index() -> Iterator[dbapi2.Connection]:
    connection = dbapi2.connect(":memory:", isolation_level=None)
    connection.execute(
        "CREATE VIRTUAL TABLE f USING fts5 (body, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')"
    )
    yield connection
    connection.close()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=40))
def test_any_query_is_an_expression_that_fts5_takes(index: dbapi2.Connection, query: str) -> None:
    parsed = SearchQuery.parse(query)
    for reading in (parsed, parsed.typing() or parsed):
        expression = reading.expression(room=3)
        if expression:
            index.execute("SELECT rowid FROM f WHERE f MATCH ? LIMIT 1", (expression,)).fetchall()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=20), st.text(max_size=60))
def test_any_query_marks_ranges_of_any_text(query: str, body: str) -> None:
    parsed = SearchQuery.parse(query)
    for reading in (parsed, parsed.typing() or parsed):
        reading.matcher()(body)
        ranges = [at for span in reading.highlights(body) for at in span]
        assert ranges == sorted(set(ranges))
        assert all(0 <= at <= len(body) for at in ranges)


WORDS = st.text(alphabet="가나다회의실", min_size=1, max_size=6) | st.text(alphabet="abcxyz019", min_size=1, max_size=6)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5), st.data())
def test_every_part_of_a_hangul_word_and_every_beginning_is_found(
    index: dbapi2.Connection, words: list[str], data: st.DataObject
) -> None:
    body = " ".join(words)
    word = data.draw(st.sampled_from(words))
    if word.isascii():
        part = word[: data.draw(st.integers(1, len(word)))]
    else:
        start = data.draw(st.integers(0, len(word) - 1))
        part = word[start : data.draw(st.integers(start + 1, len(word)))]
    index.execute(
        "INSERT INTO f (rowid, body) VALUES (1, ?)", (bigrams.index_text(body, room=5, author=1, has_file=False),)
    )
    try:
        found = index.execute("SELECT rowid FROM f WHERE f MATCH ?", (match_expression(part, 5),)).fetchall()
        other = index.execute("SELECT rowid FROM f WHERE f MATCH ?", (match_expression(part, 50),)).fetchall()
    finally:
        index.execute(
            "INSERT INTO f (f, rowid, body) VALUES ('delete', 1, ?)",
            (bigrams.index_text(body, room=5, author=1, has_file=False),),
        )
    assert found == [(1,)]
    assert other == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 3), st.integers(0, 250))
def test_any_page_has_a_layout(data: bytes, number: int, offset: int) -> None:
    page = Page("file", number, None, data, False)
    assert place_in_page(page, offset, free_pages(lambda at: data if at in (1, number) else b""))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(min_size=8, max_size=80), st.binary(max_size=60), st.binary(max_size=60))
def test_every_sample_of_a_value_is_found_around_anything(value: bytes, before: bytes, after: bytes) -> None:
    needles = NeedleSet(samples_of(value))
    assert {needle for _, needle in needles.find(before + value + after)} == set(needles.needles)


scalars = st.none() | st.integers() | st.text(max_size=9)
JSON = scalars | st.lists(scalars | st.lists(scalars, max_size=3), max_size=6)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=40) | JSON.map(json.dumps))
def test_wipe_scope_from_json_parses_or_raises_peer_error(text: str) -> None:
    """`byre.store.wipe_scope.WipeScope.from_json`."""
    with suppress(PeerError):
        scope = WipeScope.from_json(text)
        assert WipeScope.from_json(scope.to_json()) == scope
        scope.conditions()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 3), st.dictionaries(st.integers(1, 3), st.integers(0, 500)))
def test_any_page_is_divided_without_gap(data: bytes, number: int, overflow: dict[int, int]) -> None:
    regions = regions_of(number, data, PageMap(overflow=overflow))
    assert all(region.start <= region.end <= len(data) for region in regions)
    list(overflow_of(number, data))
