"""How smooth the transcript is: `python -m tests.ui.frames [--rows N] [--quick]` prints one JSON object.

A frame is one step of the wheel and the paint that it causes, timed together, in ms. `rows` measures the list with all
rows in it; `room` measures the room pane on an engine with that many messages, loading pages as it goes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from byre.client.views import AccountId, DeviceId, MessageId, MessageState, MessageView, RoomId, Sender
from byre.ui.look import Look
from byre.ui.resources import resources_folder
from byre.ui.transcript.items import RoomFacts, compose
from byre.ui.transcript.view import Transcript
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import settle
from tests.ui.scenes import Scene, nothing, open_scene

TEXTS = (
    "네, 괜찮습니다",
    "오늘 회의는 3시에 시작합니다. 자료는 어제 올린 것 그대로예요.",
    "Sounds good — shipping tomorrow ✨",
    "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요. 보안 번호 화면에서도 같은 문장을 씁니다.",
    "👍🏽",
    "مرحبا، هل الاجتماع غدا؟",
    "리뷰는 여기 남겼습니다: https://review.example/142",
)
NAMES = ("준호", "지우", "Mia", "유진", "나")
START_MS = 1_700_000_000_000


def message(n: int, room: RoomId) -> MessageView:
    sender = Sender(
        AccountId(f"{n % 5:064x}"), f"user{n % 5}", DeviceId("b" * 32), ("준호", "지우", "Mia", "유진", "나")[n % 5]
    )
    own = n % 5 == 4
    state = MessageState.READ if own else MessageState.RECEIVED
    return MessageView(
        MessageId(f"{n:032x}"), room, sender, TEXTS[n % len(TEXTS)], START_MS + n * 45_000, state, n, own
    )


def percentiles(taken: Sequence[float]) -> dict[str, float]:
    """p50, p99 and worst of times in ms."""
    ordered = sorted(taken)
    return {
        "p50": round(ordered[len(ordered) // 2], 2),
        "p99": round(ordered[int(len(ordered) * 0.99)], 2),
        "worst": round(ordered[-1], 2),
        "frames": len(ordered),
    }


def timed(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    QCoreApplication.processEvents()
    return (time.perf_counter() - start) * 1000


def rows(count: int, frames: int) -> dict[str, object]:
    """The list alone, with all rows."""
    look = Look(resources_folder(), theme="light", language="ko")
    view = Transcript(look)
    view.resize(876, 674)
    view.show()
    QCoreApplication.processEvents()
    items = compose([message(n, RoomId("r")) for n in range(count)], RoomFacts())
    start = time.perf_counter()
    view.show_items(items)
    QCoreApplication.processEvents()
    first = (time.perf_counter() - start) * 1000
    up = [timed(lambda: view.step(-120)) for _ in range(frames)]
    down = [timed(lambda: view.step(60)) for _ in range(frames)]
    bar = view.verticalScrollBar()
    jumps = [timed(lambda at=n: bar.setValue(bar.maximum() * at // 50)) for n in range(50)]
    view.follow_end()
    appended = []
    for n in range(count, count + 50):
        items = [*items, compose([message(n, RoomId("r"))], RoomFacts(is_start=False))[-1]]
        appended.append(timed(lambda now=items: view.show_items(now)))
    scaled = timed(lambda: look.set_text_scale(150))
    themed = timed(lambda: look.set_theme("dark"))
    view.hide()
    look.close()
    return {
        "first_show_ms": round(first, 1), "scroll_up": percentiles(up), "scroll_down": percentiles(down),
        "drag_the_bar": percentiles(jumps), "append": percentiles(appended), "text_scale_ms": round(scaled, 1),
        "theme_ms": round(themed, 1),
    }  # fmt: skip


class _Indexed(FakeEngine):
    """The sample engine with one endless room, answered by position as a store does."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.endless = self.room("엄마")
        self.rows[self.endless] = [message(n, self.endless) for n in range(count)]
        self._listing = self.messages.list
        self.messages.list = self._page  # type: ignore[method-assign]

    async def _page(self, room_id: RoomId, limit: int, before: MessageId | None = None) -> Sequence[MessageView]:
        if room_id != self.endless:
            return await self._listing(room_id, limit, before)
        end = int(before, 16) if before is not None else len(self.rows[room_id])
        return tuple(reversed(self.rows[room_id][max(0, end - limit) : end]))


async def room(count: int, frames: int) -> dict[str, object]:
    """The room pane, loading older pages while it scrolls up."""
    engine = _Indexed(count)
    opened = await open_scene(Scene("frames", nothing, lambda: engine))
    await opened.open("엄마")
    view = opened.messenger.room_pane.transcript
    taken = []
    for _ in range(frames):
        start = time.perf_counter()
        view.step(-120)
        await asyncio.sleep(0)
        QCoreApplication.processEvents()
        taken.append((time.perf_counter() - start) * 1000)
        await settle(1)
    loaded = len(opened.messenger.room_pane.window_model.messages)
    await opened.close()
    return {"scroll_up": percentiles(taken), "messages_in_the_window": loaded}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    frames = 200 if given.quick else 1500
    told = {"rows": given.rows, "list": rows(given.rows, frames), "room": asyncio.run(room(given.rows, frames))}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
