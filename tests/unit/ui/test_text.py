"""Names, 초성 search, times, heights, rows and tokens, without a toolkit."""

from __future__ import annotations

import random
import unicodedata
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byre.client.views import (
    AccountId,
    DeviceId,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    RoomId,
    Sender,
    Trust,
)
from byre.ui import when
from byre.ui.emoji import few_emoji
from byre.ui.korean import find_name, find_names
from byre.ui.plain import drawable, initials, isolated, one_line, shown_address, shown_name, utf16_length, utf16_slice
from byre.ui.timers import left_words, next_words_ms
from byre.ui.tokens import DARK, LIGHT, NAMES_DARK, PAIRS, contrast
from byre.ui.transcript.heights import Heights
from byre.ui.transcript.items import RoomFacts, accessible_text, compose


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: "-".join(p))
def test_text_is_readable(palette: object, pair: tuple[str, str]) -> None:
    assert contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) >= 4.5


def test_names_are_readable_in_dark_bubbles() -> None:
    assert min(contrast(colour, DARK.bubble_in) for colour in NAMES_DARK) >= 4.5


@pytest.mark.parametrize(
    ("query", "name", "found"),
    [
        ("ㅎㅇ", "하은", (0, 2)),
        ("ㅎㅇ", "대학원 동기", (1, 3)),
        ("하ㅇ", "하은", (0, 2)),
        ("하은", "박하은", (1, 3)),
        ("ㅎㅇ", "프로젝트 회의록", (5, 7)),
        ("mia", "Mia Chen", (0, 3)),
        ("A C", "Mia Chen", (2, 5)),
        ("ㄳ", "늘 감사", (2, 4)),
        ("ㄳ", "ㄳ방", (0, 1)),
        ("하은", unicodedata.normalize("NFD", "박하은 님"), (3, 8)),
        ("ㄱㅅ", "ㄳ방", (0, 1)),
        ("ㄳ", "가나", None),
        ("ㅄ", "부산", (0, 2)),
        ("좋ㄳ", "좋감사", (0, 3)),
        ("ㅎㅇ", "주간 회의방", (3, 5)),
        ("회ㅇ", "하의", None),
        ("김ㅊㅅ", "김 철수", (0, 4)),
        ("김 철수", "김철수", (0, 3)),
        ("ㄲ", "까치", (0, 1)),
        ("ㄱ", "까치", None),
        ("ㄲ", "가", None),
        ("ㅋㅋ", "ㅋㅋ방", (0, 2)),
        ("ㅠㅠ", "ㅋㅋㅠㅠ", (2, 4)),
        ("너", "너ㄳ", (0, 1)),
        ("ㅎ", "힣", (0, 1)),
        ("ㄱ", "가", (0, 1)),
        ("\u1112\u110b", "회의", (0, 2)),
        (unicodedata.normalize("NFD", "회ㅇ"), unicodedata.normalize("NFD", "주간 회의"), (6, 10)),
        ("회의", "회\u200b의", (0, 3)),
        ("ａｌ", "Alice", (0, 2)),
        ("al", "Ａｌｉｃｅ", (0, 2)),
        ("パ", "ﾊﾟ", (0, 2)),
        ("weiß", "Weiß", (0, 4)),
        ("WEISS", "Weiß", (0, 4)),
        ("straße", "die Straße 3", (4, 10)),
        ("İpek", "İpek", (0, 4)),
        ("ipek", "İpek", (0, 4)),
        ("fi", "ﬁle", (0, 1)),
        ("👍ㅎ", "👍하나", (0, 2)),
        ("❤", "회의❤\ufe0f", (2, 4)),
        ("👩🚀", "👩\u200d🚀", (0, 3)),
        ("ก", "กาน", (0, 1)),
        ("שלו", "שלום", (0, 3)),
        ("%.*", "100%.*", (3, 6)),
        ("회의실을", "회의실", None),
        ("가" * 70_000, "가", None),
        (" ", "a b", None),
        ("ㄱㄴ", "하은", None),
        ("", "하은", None),
        ("하은이", "하은", None),
    ],
)
def test_chosung(query: str, name: str, found: tuple[int, int] | None) -> None:
    assert find_name(query, name) == found


def test_names_are_found_as_a_plain_look_at_each_syllable_finds_them() -> None:
    draw = random.Random(7)
    letters = "가각나난하회의힣까ab1👍"
    names = ["".join(draw.choice(letters) for _ in range(draw.randint(1, 6))) for _ in range(300)]
    firsts = dict(zip("가각나난하회의힣까", "ㄱㄱㄴㄴㅎㅎㅇㅎㄲ", strict=True))
    for _ in range(300):
        said = draw.choice(names)
        first = draw.randrange(len(said))
        query = "".join(firsts.get(one, one) if draw.random() < 0.5 else one for one in said[first : first + 3])
        for name in names:
            starts = (
                start
                for start in range(len(name) - len(query) + 1)
                if all(one in (two, firsts.get(two)) for one, two in zip(query, name[start:], strict=False))
            )
            start = next(starts, None)
            assert find_name(query, name) == (None if start is None else (start, start + len(query))), (query, name)


def test_of_many_names_each_has_its_first_place() -> None:
    assert find_names("ㅎ", ["하은 하", "", "É하하", "은", "은하"]) == [(0, 1), None, (1, 2), None, (1, 2)]
    assert find_names("하은", ["하", "은", "하 은"]) == [None, None, (0, 3)]
    assert find_names("", ["하은"]) == [None]


@given(
    st.text("ㅎㅇ하은eEé \0\x1fㄳ\u200b", max_size=3),
    st.lists(st.text("하은회의ㅎㅇeEéİ \0\x1f\u200b", max_size=5), max_size=6),
)
def test_many_names_are_found_as_each_of_them_is(query: str, names: list[str]) -> None:
    assert find_names(query, names) == [find_name(query, name) for name in names]


@given(st.text(max_size=40), st.text(max_size=40))
def test_chosung_never_breaks(query: str, name: str) -> None:
    hit = find_name(query, name)
    assert hit is None or 0 <= hit[0] < hit[1]


@given(st.text(max_size=500))
def test_one_line_is_one_safe_line(text: str) -> None:
    line = one_line(text, 60)
    assert len(line) <= 61
    assert not set(line) & set("\n\r\0\t\u2028\u2029\u202e\u202d\u2066\u2067\u2069")


@given(st.text(max_size=300))
def test_drawable_keeps_every_position(text: str) -> None:
    drawn = drawable(text)
    assert len(drawn) == len(text)
    assert "\0" not in drawn
    assert "\n" not in drawn


def test_names_have_a_fallback_and_a_limit() -> None:
    assert shown_name("\u202e\0", "junho") == "junho"
    assert shown_name("a\nb") == "a b"
    assert len(shown_name("가" * 500)) == 65
    assert isolated("x") == "\u2068x\u2069"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("김서연", "서연"), ("Mia Chen", "MC"), ("디자인 시스템", "디시"), ("하은", "하은"), ("", "?"), ("s", "S")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_utf16() -> None:
    assert utf16_length("👍🏽 안녕") == 7
    assert utf16_slice("👍🏽 안녕 🇰🇷 끝", 0, 7) == "👍🏽 안녕"
    assert utf16_slice("👍", 0, 1) == ""


def ms(*when_: int) -> int:
    return int(datetime(*when_).timestamp() * 1000)  # type: ignore[arg-type]


def test_times_as_people_read_them() -> None:
    now = ms(2026, 11, 20, 11, 40)
    assert when.clock(ms(2026, 11, 20, 0, 5), "ko") == "오전 12:05"
    assert when.clock(ms(2026, 11, 20, 13, 0), "en") == "1:00 PM"
    assert when.day_line(now, "ko") == "2026년 11월 20일 금요일"
    assert when.day_line(now, "en") == "Friday, 20 November 2026"
    assert when.list_time(ms(2026, 11, 20, 11, 20), now, "ko") == "오전 11:20"
    assert when.list_time(ms(2026, 11, 19, 23, 59), now, "ko") == "어제"
    assert when.list_time(ms(2026, 11, 15, 9, 0), now, "en") == "Sunday"
    assert when.list_time(ms(2026, 10, 2, 9, 0), now, "ko") == "10월 2일"
    assert when.list_time(ms(2025, 10, 2, 9, 0), now, "en") == "2 Oct 2025"
    assert when.list_time(0, now, "ko") == ""
    assert [when.countdown(x) for x in (272_000, 1, 0, -5)] == ["4:32", "0:01", "0:00", "0:00"]


def test_days_of_many_times_agree_with_one_at_a_time() -> None:
    rng = random.Random(2)
    days = when.Days()
    for _ in range(500):
        at = ms(2026, 10, 20) + rng.randrange(20 * when.DAY_MS)
        assert days(at) == when.day_key(at)


def test_heights_agree_with_a_plain_list() -> None:
    rng = random.Random(4)
    plain = [rng.randrange(20, 300) for _ in range(900)]
    table = Heights(plain)
    for _ in range(300):
        kind = rng.randrange(4)
        at = rng.randrange(len(plain))
        if kind == 0:
            plain[at] = table[at] = rng.randrange(20, 300)
        elif kind == 1:
            where = rng.choice((0, at, len(plain)))
            new = [rng.randrange(20, 300) for _ in range(rng.randrange(1, 40))]
            plain[where:where] = new
            table.insert(where, new)
        elif kind == 2 and len(plain) > 100:
            count = rng.randrange(1, 30)
            del plain[at : at + count]
            table.remove(at, min(count, len(table) - at))
        y = rng.randrange(sum(plain))
        row, below = table.row_at(y)
        assert len(table) == len(plain)
        assert table.total() == sum(plain)
        assert table.top_of(row) + below == y
        assert 0 <= below < plain[row]


def test_empty_heights() -> None:
    assert Heights().row_at(10) == (0, 0)
    assert Heights().total() == 0


def sample(n: int, who: str = "a", minute: int = 0, **more: object) -> MessageView:
    base: dict[str, object] = {
        "message_id": MessageId(str(n)), "room_id": RoomId("r"), "text": f"글 {n}", "position": n,
        "sender": Sender(AccountId(who), who, DeviceId("d"), who), "sent_at": ms(2026, 11, 20, 9, minute),
        "state": MessageState.RECEIVED,
    }  # fmt: skip
    return MessageView(**{**base, **more})  # type: ignore[arg-type]


def test_rows_are_grouped_by_sender_and_time() -> None:
    rows = compose([sample(1), sample(2, minute=1), sample(3, minute=20), sample(4, "b", 21)], RoomFacts())
    assert [r.kind for r in rows] == ["day", "ok", "message", "message", "message", "message"]
    assert [(r.is_first, r.is_last) for r in rows[2:]] == [(True, False), (False, True), (True, True), (True, True)]


def test_day_and_unread_lines_end_a_group() -> None:
    facts = RoomFacts(unread_from=MessageId("2"), is_start=False)
    rows = compose([sample(1), sample(2, minute=1), sample(3, sent_at=ms(2026, 11, 21, 0, 1))], facts)
    assert [r.kind for r in rows] == ["day", "message", "unread", "message", "day", "message"]
    assert all(r.is_first and r.is_last for r in rows if r.kind == "message")


def test_system_lines_of_any_name_are_said() -> None:
    names = ["room_created", "member_added", "member_left", "key_changed", "device_rejoined", "something_new", ""]
    rows = compose([sample(i, kind=MessageKind.SYSTEM, text=n, detail="b") for i, n in enumerate(names)], RoomFacts())
    assert all(r.text for r in rows)
    for kind in (MessageKind.UNKNOWN, MessageKind.UNREADABLE):
        assert compose([sample(1, kind=kind)], RoomFacts())[-1].icon


def test_line_of_a_new_name_does_not_pretend_to_know_it() -> None:
    """The engine keeps that the name has changed, not to what: `detail` is who did it."""
    told = sample(1, kind=MessageKind.SYSTEM, text="title_changed", detail="mina", detail_name="Mina Park")
    assert "mina" not in compose([told], RoomFacts())[-1].text


def test_peer_text_cannot_fill_fields_of_our_sentences() -> None:
    rows = compose([sample(1, kind=MessageKind.SYSTEM, text="member_added", detail="{who} %n **x**")], RoomFacts())
    assert "{who} %n **x**" in rows[-1].text


def test_held_messages_say_why() -> None:
    own = sample(1, is_own=True, state=MessageState.QUEUED)
    assert compose([own], RoomFacts(trust=Trust.CHANGED))[-1].note is not None
    assert compose([own], RoomFacts(is_connected=False))[-1].note is not None
    assert compose([own], RoomFacts())[-1].note is None
    failed = sample(2, is_own=True, state=MessageState.FAILED, detail="room_too_large")
    note = compose([failed], RoomFacts())[-1].note
    assert note is not None
    assert note.action == "retry"


def test_row_is_spoken_whole() -> None:
    row = compose([sample(1, is_own=True, state=MessageState.DELIVERED, unread_by=1)], RoomFacts())[-1]
    assert accessible_text(row, "ko", 0).count(",") == 4


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("😀", 1), ("👍🏽", 1), ("👨‍👩‍👧‍👦", 1), ("🇰🇷", 1), ("❤️", 1), ("1️⃣", 1), ("😀 😀", 2), ("🧑🏻‍🚀🚀", 2),
        ("😀😀😀", 3),
        ("😀😀😀😀", 0), ("ok 😀", 0), ("1", 0), ("✓", 0), ("", 0), ("🇰", 0), ("안녕", 0), ("😀\n😀", 0),
    ],
)  # fmt: skip
def test_a_few_emoji_are_told_from_text(text: str, count: int) -> None:
    assert few_emoji(text) == count


@pytest.mark.parametrize(
    ("left_ms", "words", "next_ms"),
    [
        (1, "0:01", 1), (1_000, "0:01", 1_000), (252_000, "4:12", 1_000), (251_900, "4:12", 900),
        (3_600_000, "60:00", 1_000), (0, "0:00", 1_000), (-5, "0:00", 1_000),
    ],
)  # fmt: skip
def test_what_is_left_is_counted_down(left_ms: int, words: str, next_ms: int) -> None:
    assert (left_words(left_ms), next_words_ms(left_ms)) == (words, next_ms)


def test_long_times_are_said_in_hours_and_days() -> None:
    hour = 3_600_000
    assert next_words_ms(hour + 1) == 1
    assert next_words_ms(8 * hour) == hour
    assert next_words_ms(25 * hour) == hour
    assert left_words(8 * hour).startswith("8") or "%n" in left_words(8 * hour)


@pytest.mark.parametrize(
    ("handle", "host", "shown"),
    [
        ("mia", "relay.example", "mia@relay.example"), ("mia@other", "relay.example", "mia@other"), ("mia", "", "mia"),
        ("", "x", ""),
    ],
)  # fmt: skip
def test_addresses_are_shown_whole(handle: str, host: str, shown: str) -> None:
    assert shown_address(handle, host) == shown


def test_what_reorders_a_text_by_force_is_seen_and_the_length_stays() -> None:
    assert drawable("invoice \u202egnp.exe\u202c") == "invoice \ufffdgnp.exe\u202c"
    assert drawable("\u202dabc\0\ud800\r\n\u2029") == "\ufffdabc\ufffd\ufffd \u2028\u2028"
    assert drawable("\u200fשלום \u2067abc\u2069 👨\u200d👩") == "\u200fשלום \u2067abc\u2069 👨\u200d👩"
