"""Scenes without a target picture: what came after the pictures were drawn, in other sizes, themes and languages."""

from __future__ import annotations

from dataclasses import replace

from byre.ui.sidebar.search import Narrowed
from tests.fakes.engine import at
from tests.ui.conftest import settle
from tests.ui.scenes import (
    PHONE,
    Opened,
    Scene,
    changed,
    drawer,
    fill,
    locked,
    main_room,
    marked,
    new_pc,
    nothing,
    offline,
    protected,
    settings_page,
    settings_search,
    wiping,
)


async def safety(opened: Opened) -> None:
    opened.window.asking.compare(opened.bridge, opened.engine.people["daniel"].account_id)


async def new_number(opened: Opened) -> None:
    await changed(opened)
    opened.window.asking.compare(opened.bridge, opened.engine.people["junho"].account_id)


async def fork(opened: Opened) -> None:
    opened.engine.fork()


async def removed(opened: Opened) -> None:
    opened.engine.remove_me()


async def large_text(opened: Opened) -> None:
    await main_room(opened)
    opened.window.look.set_text_scale(200)


async def small_text(opened: Opened) -> None:
    await main_room(opened)
    opened.window.look.set_text_scale(80)


async def focused(opened: Opened) -> None:
    from PySide6.QtCore import Qt

    opened.window.asking.compare(opened.bridge, opened.engine.people["daniel"].account_id)
    await settle()
    sheet = opened.window.asking.sheet
    sheet.yes.setFocus(Qt.FocusReason.TabFocusReason)  # type: ignore[union-attr]


async def day_picker(opened: Opened) -> None:
    await main_room(opened)
    opened.messenger.room_pane.go_to_date()


async def narrowed(opened: Opened) -> None:
    opened.messenger.search_all("회의")
    column = opened.messenger.search
    mother = opened.engine.people["jiwoo"]
    column.narrow(Narrowed(opened.engine.room("보안 리뷰"), mother.account_id, mother.name, 30))


async def found(opened: Opened) -> None:
    await main_room(opened)
    opened.messenger.room_pane.finder.timer.setInterval(0)
    opened.messenger.room_pane.finder.open("확인")


async def initials(opened: Opened) -> None:
    field = opened.messenger.chats.field
    assert field is not None
    field.set_text("ㅎㅇ")


async def timed(opened: Opened) -> None:
    await main_room(opened)
    await opened.engine.rooms.set_retention(opened.engine.room("디자인 시스템"), 3_600)
    opened.messenger.toggle_drawer()


async def timed_room(opened: Opened) -> None:
    await main_room(opened)
    room = opened.engine.room("디자인 시스템")
    opened.engine.rows[room] = [replace(m, timer_s=3_600) for m in opened.engine.rows[room]]
    await opened.open("Mia Chen")
    await opened.open("디자인 시스템")
    await opened.engine.rooms.set_retention(opened.engine.room("디자인 시스템"), 3_600)


async def kinds(opened: Opened) -> None:
    """Of the kinds in the picture those that there are: plain ones, and two that disappear."""
    rows = (
        ("jiwoo", "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요.", 11, 18, "", 1),
        ("", "네, 오후에 올린 문장으로 바꿨어요.", 11, 26, "delivered", 2),
        ("jiwoo", "현관 비밀번호는 전화로 알려 드릴게요.", 11, 33, "", 3),
        ("", "확인했어요, 고마워요", 11, 34, "delivered", 3),
    )
    room = fill(opened.engine, "디자인 시스템", rows)
    *plain, code, thanks = opened.engine.rows[room]
    running = replace(code, timer_s=300, expires_at=opened.engine.now_ms + 252_000)
    opened.engine.rows[room] = [*plain, running, replace(thanks, timer_s=3_600)]
    await opened.engine.rooms.set_retention(room, 3_600)
    await opened.open("디자인 시스템")


LONG = "가나다라마바사아자차카타파하" * 6


async def long_names(opened: Opened) -> None:
    """Names, titles and texts that never end, in scripts without spaces; and one that is nothing."""
    engine = opened.engine
    room = fill(
        engine,
        "디자인 시스템",
        (
            ("junho", LONG * 3, 9, 41, "", 0),
            ("", "https://example.org/" + "abcdefghij" * 30, 9, 42, "delivered", 2),
            ("jiwoo", "WWWWWWWWWW" * 12, 9, 43, "", 3),
            ("daniel", "짧게", 9, 44, "", 3),
        ),
    )
    engine.rows[room] = [
        replace(m, sender=replace(m.sender, name=LONG if n == 0 else "", handle="" if n == 3 else m.sender.handle))
        for n, m in enumerate(engine.rows[room])
    ]
    engine.room_views[room] = replace(
        engine.room_views[room], title=LONG, last_message=engine.rows[room][-1], last_activity=at(11, 20)
    )
    opened.messenger.reload()
    opened.messenger.open_room(room)
    await settle()
    opened.messenger.toggle_drawer()


async def fresh(opened: Opened) -> None:
    room = opened.engine.room("Mia Chen")
    opened.engine.rows[room] = []
    opened.engine.room_views[room] = replace(opened.engine.room_views[room], last_message=None, unread=0)
    opened.messenger.reload()
    await settle()
    await opened.open("Mia Chen")


async def selected(opened: Opened) -> None:
    """As in the picture: marked over two bubbles, and something written."""
    await main_room(opened)
    room = opened.engine.room("디자인 시스템")
    transcript = opened.messenger.room_pane.transcript
    first, last = (opened.engine.rows[room][n].message_id for n in (4, 5))
    transcript.selection.ends = ((first, 6), (last, 9))
    composer = opened.messenger.room_pane.composer_bar.composer
    composer.insertPlainText("안녕하세요, 보안 번호 확인했습니다")


async def far_up(opened: Opened) -> None:
    room = opened.engine.room("Mia Chen")
    for n in range(80):
        opened.engine._append(opened.engine._message(room, "mia@other.example", f"메시지 {n}", at(10, n % 60)))
    await opened.open("Mia Chen")
    opened.messenger.room_pane.transcript.step(-900)
    for text in ("하나", "둘", "셋"):
        opened.engine.receive(room, "mia@other.example", text)


async def link(opened: Opened) -> None:
    await main_room(opened)
    opened.messenger.room_pane.link_wanted.emit("http://review@xn--bcher-kva.example/142?q=1")


async def wipe_question(opened: Opened) -> None:
    assert opened.window.wiping is not None
    opened.window.wiping.ask(opened.engine.room("디자인 시스템"))


async def stuck(opened: Opened) -> None:
    assert opened.window.locking.page is not None
    opened.window.locking.page.fail("key_unavailable")
    opened.window.copying.stuck("key_unavailable")


async def salvage(opened: Opened) -> None:
    assert opened.window.locking.page is not None
    opened.window.locking.page.fail("db_damaged")
    opened.window.copying.salvage()


async def backup(opened: Opened) -> None:
    opened.messenger.go("settings-backup")
    opened.window.copying.export_to("/dev/null")


async def being_locked(opened: Opened) -> None:
    opened.window.locking.made_page().show_locking()


async def lock_change(opened: Opened) -> None:
    opened.messenger.go("settings-lock")
    opened.window.copying.change_lock()


async def drafted(opened: Opened) -> None:
    room = opened.engine.room("이준호")
    await opened.engine.messages.save_draft(room, "내일 오전에 다시")
    await main_room(opened)
    opened.messenger.reload()


LONG_RTL = "مرحبا هذا نص طويل لاختبار التفاف السطور داخل الفقاعة مع كلمات English في الوسط"


async def rtl(opened: Opened) -> None:
    rows = (
        ("daniel", "مرحبا كيف حالك اليوم", 7, 15, "", 0),
        ("daniel", "안녕 مرحبا hello 👨‍👩‍👧‍👦 👍🏽 🇰🇷 ❤️ 1️⃣", 7, 15, "", 0),
        ("jiwoo", "שלום מה שלומך היום, פגישה בשעה 3", 7, 19, "", 0),
        ("jiwoo", "가족 이모지 👩🏽‍💻 와 한글 ㅋㅋㅋ 😂", 7, 23, "", 0),
        ("junho", LONG_RTL + " وأرقام 12345 حتى ينتقل إلى سطر جديد", 7, 26, "", 0),
        ("junho", "mixed: (عربي) 한국어 [עברית] ok", 7, 33, "", 0),
        ("", LONG_RTL, 7, 34, "delivered", 2),
    )  # fmt: skip
    fill(opened.engine, "디자인 시스템", rows)
    await opened.open("디자인 시스템")


SMALL = (900, 640)
MORE_SCENES: tuple[Scene, ...] = (
    Scene("rtl-emoji", rtl),
    Scene("narrow-light", selected, size=SMALL),
    Scene("message-kinds", kinds),
    Scene("long-names", long_names),
    Scene("long-names-phone-dark-en", long_names, size=PHONE, theme="dark", language="en"),
    Scene("fresh-room", fresh),
    Scene("day-picker", day_picker),
    Scene("day-picker-phone-dark-en", day_picker, size=PHONE, theme="dark", language="en"),
    Scene("search-narrowed", narrowed),
    Scene("search-narrowed-phone-dark-en", narrowed, size=PHONE, theme="dark", language="en"),
    Scene("found-phone", found, size=PHONE),
    Scene("initials", initials),
    Scene("initials-dark-en", initials, theme="dark", language="en"),
    Scene("timer-drawer", timed),
    Scene("timer-phone-dark-en", timed_room, size=PHONE, theme="dark", language="en"),
    Scene("far-up-dark", far_up, theme="dark"),
    Scene("link", link),
    Scene("link-phone-dark-en", link, size=PHONE, theme="dark", language="en"),
    Scene("wipe-question", wipe_question),
    Scene("wipe-question-phone-dark-en", wipe_question, size=PHONE, theme="dark", language="en"),
    Scene("stuck", stuck, locked),
    Scene("stuck-phone-dark-en", stuck, locked, size=PHONE, theme="dark", language="en"),
    Scene("salvage", salvage, locked),
    Scene("backup-code", backup),
    Scene("backup-code-phone-dark-en", backup, size=PHONE, theme="dark", language="en"),
    Scene("lock-change-phone", lock_change, protected, size=PHONE),
    Scene("settings-network", lambda o: settings_page(o, "network")),
    Scene(
        "settings-network-phone-dark-en", lambda o: settings_page(o, "network"), size=PHONE, theme="dark", language="en"
    ),
    Scene("drafts", drafted),
    Scene("list-phone-dark-en", drafted, size=PHONE, theme="dark", language="en"),
    Scene("quiet-and-pinned", marked, target="main-light"),
    Scene("settings-notices", lambda o: settings_page(o, "notices")),
    Scene("settings-lock-dark", lambda o: settings_page(o, "lock"), protected, theme="dark"),
    Scene("settings-look-en", lambda o: settings_page(o, "look"), language="en"),
    Scene("settings-keys", lambda o: settings_page(o, "keys")),
    Scene("settings-profile", lambda o: settings_page(o, "profile")),
    Scene("settings-privacy-phone", lambda o: settings_page(o, "privacy"), size=PHONE),
    Scene("settings-search", settings_search),
    Scene("safety", safety),
    Scene("safety-phone-dark-en", safety, size=PHONE, theme="dark", language="en"),
    Scene("safety-new-number", new_number),
    Scene("safety-focus", focused, theme="dark"),
    Scene("own-fork", fork),
    Scene("own-fork-phone-en", fork, size=PHONE, language="en"),
    Scene("removed", removed),
    Scene("removed-phone-dark-en", removed, size=PHONE, theme="dark", language="en"),
    Scene("text-200", large_text),
    Scene("text-200-phone-dark", large_text, size=PHONE, theme="dark"),
    Scene("text-80-en", small_text, language="en"),
    Scene("main-en", main_room, language="en"),
    Scene("drawer-phone-en", drawer, size=PHONE, language="en"),
    Scene("changed-key-phone-en", changed, size=PHONE, language="en"),
    Scene("offline-phone", offline, size=PHONE),
    Scene("offline-en-dark", offline, theme="dark", language="en"),
    Scene("wipe-progress-phone-en", wiping, size=PHONE, language="en"),
    Scene("first-run-phone", nothing, new_pc, size=PHONE),
    Scene("lock-phone-en", nothing, locked, size=PHONE, language="en"),
    Scene("locking", being_locked, locked),
    Scene("locking-phone-dark-en", being_locked, locked, size=PHONE, theme="dark", language="en"),
)
