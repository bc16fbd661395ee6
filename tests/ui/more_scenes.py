"""Scenes without a target picture: what came after the pictures were drawn, in other sizes, themes and languages."""

from __future__ import annotations

from tests.ui.scenes import (
    PHONE,
    Opened,
    Scene,
    changed,
    drawer,
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
    from tests.ui.conftest import settle

    await settle()
    sheet = opened.window.asking.sheet
    sheet.yes.setFocus(Qt.FocusReason.TabFocusReason)  # type: ignore[union-attr]


MORE_SCENES: tuple[Scene, ...] = (
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
)
