"""Sample people, rooms and messages of the fake engine. All invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from byre.client.views import AccountId, RoomKind, Trust

_COLOURS = 8


def _colour_of(key: str) -> int:
    return sum(ord(c) * (i + 7) for i, c in enumerate(key[:24])) % _COLOURS


@cache
def _id_of(handle: str, colour: int) -> AccountId:
    for salt in range(200):
        made = hashlib.sha256(f"{handle} {salt}".encode()).hexdigest()
        if _colour_of(made) == colour:
            return AccountId(made)
    raise AssertionError


@dataclass(frozen=True, slots=True)
class Person:
    handle: str
    name: str
    colour: int
    trust: Trust = Trust.VERIFIED
    devices: int = 2

    @property
    def account_id(self) -> AccountId:
        """An id whose avatar has the wished colour."""
        return _id_of(self.handle, self.colour)


def own_person() -> Person:
    return Person("seoyeon", "김서연", 0, devices=3)


PEOPLE = (
    Person("junho", "이준호", 2),
    Person("mia@other.example", "Mia Chen", 1, devices=1),
    Person("jiwoo", "박지우", 4),
    Person("yujin", "최유진", 6),
    Person("mother", "엄마", 3),
    Person("daniel", "Daniel Park", 5, Trust.UNVERIFIED),
    Person("haeun", "하은", 3),
    Person("hyewon@other.example", "혜원 이모", 1),
    Person("hoyoung", "호영 선배", 5, Trust.UNVERIFIED),
    Person("hayeon", "박하연", 4, Trust.UNVERIFIED),
)

ROOMS: tuple[tuple[str, RoomKind, tuple[str, ...], int], ...] = (
    ("디자인 시스템", RoomKind.GROUP, ("junho", "mia@other.example", "jiwoo", "yujin"), 0),
    ("이준호", RoomKind.DIRECT, ("junho",), 2),
    ("Mia Chen", RoomKind.DIRECT, ("mia@other.example",), 0),
    ("보안 리뷰", RoomKind.GROUP, ("junho", "jiwoo"), 14),
    ("엄마", RoomKind.DIRECT, ("mother",), 1),
    ("Daniel Park", RoomKind.DIRECT, ("daniel",), 0),
    ("나와의 채팅", RoomKind.NOTE, (), 0),
    ("مجموعة العمل", RoomKind.GROUP, ("daniel", "yujin"), 0),
    ("독서 모임", RoomKind.GROUP, ("yujin", "hayeon"), 0),
    ("최유진", RoomKind.DIRECT, ("yujin",), 0),
    ("주간 회의", RoomKind.GROUP, ("haeun", "junho"), 0),
    ("대학원 동기", RoomKind.GROUP, ("haeun", "hyewon@other.example"), 0),
)

# (room, handle or "" for own, text or "@system-event detail", hour, minute, day, state, unread_by)
SAMPLE: tuple[tuple[str, str, str, int, int, int, str, int], ...] = (
    ("대학원 동기", "haeun", "다음 달에 한번 모여요", 18, 0, 10, "received", 0),
    ("주간 회의", "", "지난주 보고서회신이 아직 두 건 남았습니다", 10, 0, 18, "read", 0),
    ("최유진", "yujin", "고마워요! 덕분에 해결했어요", 15, 10, 19, "received", 0),
    ("독서 모임", "yujin", "다음 책은 「작별하지 않는다」 어때요?", 20, 2, 19, "received", 0),
    ("مجموعة العمل", "daniel", "مرحبا، هل الاجتماع غدا؟", 9, 12, 19, "received", 0),
    ("나와의 채팅", "", "금요일 회의 전에 볼 것: 토큰 표", 22, 40, 19, "read", 0),
    ("Daniel Park", "daniel", "영문 보고서회의도 같은 시간이죠?", 21, 7, 19, "received", 0),
    ("엄마", "mother", "주말에 올 거지? 반찬 해놨다 🥘", 9, 58, 20, "received", 0),
    ("보안 리뷰", "junho", "3분기 보고서회람에 저도 넣어 주세요", 17, 30, 19, "received", 0),
    ("보안 리뷰", "jiwoo", "감사 로그 서명 검증 완료", 10, 15, 20, "received", 0),
    ("Mia Chen", "mia@other.example", "Hi! 서연님 맞으시죠? 디자인 팀의 Mia입니다.", 10, 31, 20, "received", 0),
    ("Mia Chen", "", "네 맞아요, 반갑습니다. 온보딩 화면은 내일 올라가나요?", 10, 44, 20, "read", 0),
    ("Mia Chen", "mia@other.example", "Sounds good — shipping tomorrow ✨", 10, 47, 20, "received", 0),
    ("이준호", "", "빌드 서버 열쇠는 오늘 바꿔도 될까요?", 10, 52, 20, "read", 0),
    ("이준호", "junho", "네, 괜찮습니다", 10, 58, 20, "received", 0),
    ("이준호", "junho", "넵, 빌드 올라가면 바로 알려드릴게요", 11, 2, 20, "received", 0),
    ("디자인 시스템", "", "@room_created", 9, 1, 19, "received", 0),
    ("디자인 시스템", "junho", "서연님, 어제 시안 잘 봤어요. 대화 목록 여백이 훨씬 편해졌네요 👏",
     9, 41, 20, "received", 0),
    ("디자인 시스템", "junho", "다크 모드 대비도 AA 기준 통과했습니다.", 9, 41, 20, "received", 0),
    ("디자인 시스템", "", "좋아요! 그럼 오늘 안에 토큰 정리해서 올릴게요. 글자 크기는 15px, 줄 간격은 22px로 맞췄어요.",
     9, 44, 20, "read", 0),
    ("디자인 시스템", "", "파일은 회의 때 같이 열어 보죠.", 9, 45, 20, "read", 0),
    ("디자인 시스템", "", "완벽해요. 3시 회의 전에 마무리하죠 🚀", 10, 20, 20, "delivered", 1),
    ("디자인 시스템", "jiwoo",
     "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요. 보안 번호 화면에서도 같은 문장을 씁니다.",
     11, 18, 20, "received", 0),
    ("디자인 시스템", "jiwoo", "리뷰는 여기 남겼습니다: https://review.example/142", 11, 19, 20, "received", 0),
    ("디자인 시스템", "junho", "저도 확인했습니다 👍🏽", 11, 20, 20, "received", 0),
)  # fmt: skip
