"""The scenes of the boards: a window on the fake engine, brought to the state of one target picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from byre.client.views import MessageKind, MessageState, MessageView, ProfileState, Role, RoomId, Trust
from byre.ui.automation import Automation
from byre.ui.bridge import Bridge
from byre.ui.i18n import Language
from byre.ui.look import Look, Theme
from byre.ui.main_window import MainWindow
from byre.ui.messenger import Messenger
from byre.ui.options import WindowOptions
from byre.ui.resources import resources_folder
from tests.fakes.engine import FakeEngine, at
from tests.ui.conftest import settle


@dataclass
class Opened:
    """A window on its engine."""

    window: MainWindow
    engine: FakeEngine
    bridge: Bridge

    @property
    def messenger(self) -> Messenger:
        assert self.window.messenger is not None
        return self.window.messenger

    async def open(self, title: str) -> None:
        self.messenger.open_room(self.engine.room(title))
        await settle()

    async def close(self) -> None:
        if self.engine.wipes.gate is not None:
            self.engine.wipes.gate.set()
        self.window.close()
        await self.bridge.idle()
        await self.bridge.close()
        self.window.may_close = True
        self.window.close()
        self.window.look.close()
        self.window.deleteLater()
        await settle(3)


Play = Callable[[Opened], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """`part` is the rectangle that is compared (x, y, width, height), all of it when empty."""

    name: str
    play: Play
    engine: Callable[[], FakeEngine] = FakeEngine
    size: tuple[int, int] = (1280, 820)
    theme: Theme = "light"
    language: Language = "ko"
    target: str = ""
    part: tuple[int, int, int, int] = ()  # type: ignore[assignment]


async def open_scene(scene: Scene) -> Opened:
    """Open the window of a scene and play it."""
    engine = scene.engine()
    look = Look(resources_folder(), theme=scene.theme, language=scene.language)
    look.now_ms = lambda: engine.now_ms  # type: ignore[method-assign]
    hint = "primary" if engine.role is Role.PRIMARY else "linked"
    width, height = scene.size
    options = WindowOptions(role_hint=hint, width=width, height=height, relay="https://relay.example", device_name="PC")
    window = MainWindow(look, options)
    Automation(window)
    window.show()
    await settle(2)
    bridge = Bridge(engine)
    await engine.start()
    window.attach(bridge)
    opened = Opened(window, engine, bridge)
    if window.messenger is not None:
        window.messenger.listing.timer.setInterval(0)
        window.messenger.room_pane.window_model.reload_timer.setInterval(0)
    await settle()
    await scene.play(opened)
    await settle()
    return opened


# -- engines


def new_pc() -> FakeEngine:
    return FakeEngine(state=ProfileState.NEW, sample=False)


def phone() -> FakeEngine:
    return FakeEngine(role=Role.PRIMARY)


def locked() -> FakeEngine:
    return FakeEngine(state=ProfileState.LOCKED, passphrase="correct horse")


def protected() -> FakeEngine:
    return FakeEngine(passphrase="correct horse")


# -- rows


Row = tuple[str, str, int, int, str, int]
"""(handle or "" for own, text, hour, minute, state, unread_by)"""


def fill(engine: FakeEngine, title: str, rows: Sequence[Row], *, unread: int = 0) -> RoomId:
    """Give a room exactly these messages."""
    room_id = engine.room(title)
    made: list[MessageView] = []
    for handle, text, hour, minute, state, unread_by in rows:
        known = state if state != "unknown" else ""
        kind = MessageState(known or ("read" if handle == "" else "received"))
        message = replace(engine._message(room_id, handle, text, at(hour, minute), kind), unread_by=unread_by)
        made.append(replace(message, kind=MessageKind.UNKNOWN) if state == "unknown" else message)
    engine.rows[room_id] = made
    engine.room_views[room_id] = replace(engine.room_views[room_id], unread=unread)
    return room_id


DESIGN: tuple[Row, ...] = (
    ("junho", "서연님, 어제 시안 잘 봤어요. 대화 목록 여백이 훨씬 편해졌네요 👏", 9, 41, "", 0),
    ("junho", "다크 모드 대비도 AA 기준 통과했습니다.", 9, 41, "", 0),
    ("", "좋아요! 그럼 오늘 안에 토큰 정리해서 올릴게요. 글자 크기는 15px, 줄 간격은 22px로 맞췄어요.", 9, 44, "", 0),
    ("", "완벽해요. 3시 회의 전에 마무리하죠 🚀", 10, 20, "", 1),
    (
        "jiwoo",
        "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요. 보안 번호 화면에서도 같은 문장을 씁니다.",
        11,
        18,
        "",
        0,
    ),
    ("jiwoo", "리뷰는 여기 남겼습니다: https://review.example/142", 11, 19, "", 2),
    ("junho", "저도 확인했습니다 👍🏽", 11, 20, "", 2),
)
LINES: tuple[Row, ...] = (
    ("junho", "@member_added 최유진", 9, 1, "", 0),
    ("", "최유진 님 환영합니다! 지난 자료는 다시 올려 드릴게요.", 9, 2, "delivered", 1),
    ("jiwoo", "@device_added", 9, 3, "", 0),
    ("junho", "@device_rejoined", 9, 4, "", 0),
    ("yujin", "고맙습니다. 천천히 올려 주세요.", 9, 10, "", 1),
    ("", "@retention_changed 30", 9, 11, "", 0),
    ("mia@other.example", "@device_revoked", 9, 12, "", 0),
    ("junho", "@key_changed", 9, 13, "", 0),
    ("junho", "@verified", 9, 14, "", 0),
    ("daniel", "@member_left", 9, 15, "", 0),
    ("jiwoo", "", 9, 16, "unknown", 0),
    ("jiwoo", "@wiped 3", 9, 16, "", 0),
)
STATES: tuple[tuple[str, str, int], ...] = (
    ("3시에 시작할게요", "queued", 0),
    ("자료는 어제 올린 것 그대로예요", "stored", 0),
    ("회의실은 4층입니다", "delivered", 4),
    ("늦으면 먼저 시작하세요", "delivered", 1),
    ("다들 고마워요", "read", 0),
    ("사진은 저녁에 정리할게요", "expired", 0),
    ("회의 녹화 파일입니다", "failed", 0),
)


# -- plays


async def nothing(opened: Opened) -> None:
    return


async def main_room(opened: Opened) -> None:
    fill(opened.engine, "디자인 시스템", DESIGN, unread=3)
    await opened.open("디자인 시스템")


async def drawer(opened: Opened) -> None:
    await main_room(opened)
    opened.messenger.toggle_drawer()


async def code(opened: Opened) -> None:
    opened.engine.phone_scans()
    opened.engine.now_ms += 79_000
    assert opened.window.onboarding is not None
    opened.window.onboarding._tick()


async def first(opened: Opened) -> None:
    opened.engine.now_ms += 28_000
    assert opened.window.onboarding is not None
    opened.window.onboarding._tick()


async def typed(opened: Opened) -> None:
    """As in the picture: seven signs are in the field."""
    page = opened.window.locking.page
    assert page is not None
    page.field.set_text("abcdefg")


async def confirm(opened: Opened) -> None:
    opened.engine.phone_scans()
    await settle()
    opened.engine.phone_matches()


async def phone_link(opened: Opened) -> None:
    opened.window.link_pc()
    await settle()
    assert opened.window.phone is not None
    opened.window.phone.page.link_read.emit("byre://link#AWh0dHBzOi8vcmVsYXkuZXhhbXBsZQAA")
    await settle()
    for digit in "482":
        opened.window.phone.page.typed.emit(digit)


async def phone_room(opened: Opened) -> None:
    rows = (
        DESIGN[0],
        DESIGN[2],
        DESIGN[4],
        DESIGN[5],
        ("", "확인했어요. 3시 전에 마무리하죠 🚀", 11, 20, "delivered", 4),
    )
    fill(opened.engine, "디자인 시스템", rows)
    await opened.open("디자인 시스템")


async def friends(opened: Opened) -> None:
    opened.messenger.go("friends")
    column = opened.messenger.friends
    assert column.field is not None
    column.field.set_text("ㅎㅇ")
    column.field.setFocus()
    await settle()
    person = next(e.key for e in column.model.entries if e.title == "하은")
    column.contact_opened.emit(person)
    row = next(i for i, e in enumerate(column.model.entries) if e.title == "하은")
    column.list.setCurrentIndex(column.model.index(row, 0))


async def search(opened: Opened) -> None:
    fill(
        opened.engine,
        "디자인 시스템",
        (
            ("jiwoo", "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요.", 11, 18, "", 0),
            ("junho", "저도 확인했습니다 👍🏽", 11, 20, "", 0),
            ("", "고마워요. 회의 때 같이 볼게요.", 11, 24, "", 1),
            ("jiwoo", "내일 프로젝트보고서회의 3시로 옮겼어요. 자료는 회의실 화면에 미리 띄워 둘게요.", 11, 31, "", 2),
            ("", "3시 좋아요. 보고서회의 초안은 오늘 밤까지 올릴게요.", 11, 34, "", 2),
            ("junho", "저는 조금 늦을 수 있어요", 11, 36, "", 3),
        ),
    )
    opened.messenger.search_all("고서회")
    await settle()
    column = opened.messenger.search
    row = next(i for i, m in enumerate(column.model.found) if m.text.startswith("내일"))
    column.list.opened.emit(column.model.index(row, 0))


async def wiping(opened: Opened) -> None:
    assert opened.window.wiping is not None
    opened.engine.wipes.gate = asyncio.Event()
    opened.window.wiping.ask(opened.engine.room("디자인 시스템"))
    await settle()
    opened.window.wiping.sheet.confirmed.emit(False)  # type: ignore[union-attr]
    await settle(4)


async def certificate(opened: Opened) -> None:
    await wiping(opened)
    gate = opened.engine.wipes.gate
    assert gate is not None
    gate.set()


async def changed(opened: Opened) -> None:
    fill(
        opened.engine,
        "이준호",
        (
            ("", "빌드 서버 열쇠는 오늘 바꿔도 될까요?", 10, 52, "", 0),
            ("junho", "넵, 빌드 올라가면 바로 알려드릴게요", 11, 2, "", 0),
            ("junho", "@key_changed", 11, 32, "", 0),
            ("", "내부 주소 목록 지금 보낼게요", 11, 33, "queued", 0),
        ),
    )
    opened.engine.change_key("junho")
    await opened.open("이준호")


async def unverified(opened: Opened) -> None:
    opened.engine.set_trust("mia@other.example", Trust.UNVERIFIED)
    await opened.open("Mia Chen")


async def devices(opened: Opened) -> None:
    opened.messenger.go("settings-devices")


async def offline(opened: Opened) -> None:
    rows = (
        *DESIGN[:4],
        *DESIGN[4:],
        ("", "표에서 빠진 색 두 개만 더 넣고 있어요", 11, 38, "delivered", 2),
        ("", "인터넷이 끊겼네요. 연결되면 올라갑니다", 11, 40, "queued", 0),
        ("", "방금 새 표 올렸어요", 11, 41, "queued", 0),
    )
    room_id = fill(opened.engine, "디자인 시스템", rows)
    view = opened.engine.room_views[room_id]
    opened.engine.room_views[room_id] = replace(
        view, last_message=opened.engine.rows[room_id][-1], last_activity=at(11, 41)
    )
    await opened.open("디자인 시스템")
    opened.engine.connect(False, 12)
    opened.messenger.reload()


async def lines(opened: Opened) -> None:
    fill(opened.engine, "디자인 시스템", LINES)
    await opened.open("디자인 시스템")


async def states(opened: Opened) -> None:
    rows = [("", text, 11, n, state, unread) for n, (text, state, unread) in enumerate(STATES)]
    fill(opened.engine, "디자인 시스템", rows)
    await opened.open("디자인 시스템")


async def settings_page(opened: Opened, page: str) -> None:
    opened.messenger.go(f"settings-{page}")


async def settings_search(opened: Opened) -> None:
    opened.messenger.go("settings")
    field = opened.messenger.settings.field
    assert field is not None
    field.set_text("잠")
    field.setFocus()
    await settle()
    opened.messenger.settings._first()


async def marked(opened: Opened) -> None:
    opened.messenger.marks.toggle_pin(opened.engine.room("디자인 시스템"))
    opened.messenger.marks.toggle_mute(opened.engine.room("보안 리뷰"))
    opened.messenger.marks.toggle_mute(opened.engine.room("독서 모임"))
    await main_room(opened)


PHONE = (400, 720)
SCENES: tuple[Scene, ...] = (
    Scene("first-run", first, new_pc),
    Scene("first-run-dark", first, new_pc, theme="dark"),
    Scene("first-run-en", first, new_pc, language="en"),
    Scene("link-code", code, new_pc),
    Scene("link-confirm", confirm, new_pc),
    Scene("main-light", main_room),
    Scene("main-dark", main_room, theme="dark"),
    Scene("info-drawer", drawer),
    Scene("info-drawer-dark", drawer, theme="dark"),
    Scene("friends", friends),
    Scene("search-results", search),
    Scene("wipe-progress", wiping),
    Scene("wipe-certificate", certificate),
    Scene("wipe-certificate-dark", certificate, theme="dark"),
    Scene("changed-key", changed),
    Scene("unverified", unverified),
    Scene("settings-devices", devices),
    Scene("lock", typed, locked),
    Scene("lock-dark", typed, locked, theme="dark"),
    Scene("empty", nothing),
    Scene("offline", offline),
    Scene("transcript-lines", lines),
    Scene("message-states", states),
    Scene("phone-list", nothing, phone, size=PHONE),
    Scene("phone-room", phone_room, phone, size=PHONE),
    Scene("phone-link-confirm", phone_link, phone, size=PHONE),
)
