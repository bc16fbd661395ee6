"""What a person or a settings file says: any text is a query; a proxy's address parses or is the user's mistake."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from byre.client.connection.route import SCHEMES, parse_proxy
from byre.errors import UsageError
from byre.store.search_query import SearchQuery
from tests.fuzz.damage import recipes, spoiled_text

DECODERS = ("byre.client.connection.route:parse_proxy", "byre.store.search_query:SearchQuery.parse")
PROXIES = ("socks5://127.0.0.1:9050", "http://user:pass%20word@proxy.example:8080", "socks5h://[::1]:1080")


@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(PROXIES), recipes)
@example("http://[::1", b"")
@example("http://proxy:99999", b"")
def test_a_proxy_parses_or_is_the_users_mistake(address: str, recipe: bytes) -> None:
    url = spoiled_text(address, recipe) if recipe else address
    try:
        proxy = parse_proxy(url)
    except UsageError as error:
        assert error.code == "bad_proxy"  # noqa: PT017
        return
    assert 0 < proxy.port < 1 << 16
    assert proxy.host
    assert url.split("://")[0].lower() in SCHEMES


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet='소외양간 "cowCOW-*()^:', max_size=40))
def test_any_text_is_a_query(text: str) -> None:
    query = SearchQuery.parse(text)
    assert SearchQuery.parse(text) == query
    query.cheap()
    query.typing()
