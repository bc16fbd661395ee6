"""Design tokens: the only file with colours, sizes, radii and type.

Every text pair named in `PAIRS` has a contrast of at least 4.5:1 in both palettes (WCAG AA); a test computes it.
Sizes are device-independent pixels. Nothing else in `ui/` may spell a colour or invent a font size.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme: colour names to `#RRGGBB`."""

    is_dark: bool
    canvas: str
    panel: str
    rail: str
    line: str
    field: str
    chip: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_press: str
    on_accent: str
    accent_soft: str
    link: str
    row_hover: str
    row_on: str
    rail_icon: str
    rail_icon_on: str
    rail_on: str
    bubble_in: str
    bubble_in_text: str
    bubble_in_meta: str
    bubble_out: str
    bubble_out_text: str
    bubble_out_meta: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    danger: str
    danger_soft: str
    danger_button: str
    danger_press: str
    badge: str
    badge_mute: str
    on_badge: str
    selection_in: str
    selection_out: str
    hit: str
    hit_text: str
    hit_now: str
    hit_now_text: str
    card: str
    scrim: str
    scrim_alpha: int
    mark: str
    outline: str
    shadow: str
    qr_dark: str
    qr_light: str


LIGHT = Palette(
    is_dark=False,
    canvas="#FFFFFF",
    panel="#F7F8FB",
    rail="#EDEFF5",
    line="#E4E7EE",
    field="#ECEEF4",
    chip="#F0F2F7",
    text="#14171F",
    text2="#5A6376",
    text3="#5F687B",
    accent="#4453E6",
    accent_press="#3643C9",
    on_accent="#FFFFFF",
    accent_soft="#E9EBFD",
    link="#3B49DF",
    row_hover="#EEF0F6",
    row_on="#E4E7FC",
    rail_icon="#5A6376",
    rail_icon_on="#3B49DF",
    rail_on="#DCE0FB",
    bubble_in="#F0F2F7",
    bubble_in_text="#14171F",
    bubble_in_meta="#5A6376",
    bubble_out="#4453E6",
    bubble_out_text="#FFFFFF",
    bubble_out_meta="#E0E3FF",
    ok="#0B7A55",
    ok_soft="#DDF3EA",
    warn="#8A5300",
    warn_soft="#FFF3DC",
    danger="#C22F3D",
    danger_soft="#FDEBED",
    danger_button="#C22F3D",
    danger_press="#A82633",
    badge="#4453E6",
    badge_mute="#6A7285",
    on_badge="#FFFFFF",
    selection_in="#B9C2FF",
    selection_out="#27329F",
    hit="#FFE08A",
    hit_text="#14171F",
    hit_now="#FFC53D",
    hit_now_text="#14171F",
    card="#FFFFFF",
    scrim="#0A0C18",
    scrim_alpha=110,
    mark="#E4E7EE",
    outline="#E4E7EE",
    shadow="#14173A",
    qr_dark="#14171F",
    qr_light="#FFFFFF",
)

DARK = Palette(
    is_dark=True,
    canvas="#191C25",
    panel="#14161E",
    rail="#0E1016",
    line="#272B38",
    field="#222633",
    chip="#222633",
    text="#ECEEF5",
    text2="#A2AABD",
    text3="#8F98AC",
    accent="#5663EC",
    accent_press="#4A57DE",
    on_accent="#FFFFFF",
    accent_soft="#262C55",
    link="#AAB4FF",
    row_hover="#1C1F2A",
    row_on="#262B4A",
    rail_icon="#98A1B5",
    rail_icon_on="#B4BCFF",
    rail_on="#23284A",
    bubble_in="#252A37",
    bubble_in_text="#ECEEF5",
    bubble_in_meta="#A2AABD",
    bubble_out="#4A57DE",
    bubble_out_text="#FFFFFF",
    bubble_out_meta="#E6E9FF",
    ok="#5FD3A6",
    ok_soft="#16352B",
    warn="#F0B45A",
    warn_soft="#352A14",
    danger="#FF8189",
    danger_soft="#3B1E24",
    danger_button="#C22F3D",
    danger_press="#A82633",
    badge="#5462EE",
    badge_mute="#5D667C",
    on_badge="#FFFFFF",
    selection_in="#4A58B0",
    selection_out="#2A3596",
    hit="#6B5410",
    hit_text="#FFF3C9",
    hit_now="#FFC53D",
    hit_now_text="#14171F",
    card="#1E222D",
    scrim="#04050A",
    scrim_alpha=150,
    mark="#323849",
    outline="#3A4050",
    shadow="#000000",
    qr_dark="#14171F",
    qr_light="#FFFFFF",
)

PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "canvas"),
    ("text", "panel"),
    ("text", "field"),
    ("text", "card"),
    ("text", "warn_soft"),
    ("text", "danger_soft"),
    ("text", "ok_soft"),
    ("text2", "canvas"),
    ("text2", "panel"),
    ("text2", "field"),
    ("text2", "card"),
    ("text2", "row_on"),
    ("text2", "row_hover"),
    ("text3", "canvas"),
    ("text3", "panel"),
    ("text3", "field"),
    ("text3", "row_on"),
    ("on_accent", "accent"),
    ("link", "canvas"),
    ("link", "panel"),
    ("link", "bubble_in"),
    ("link", "accent_soft"),
    ("bubble_in_text", "bubble_in"),
    ("bubble_in_meta", "bubble_in"),
    ("bubble_in_text", "selection_in"),
    ("bubble_out_text", "bubble_out"),
    ("bubble_out_meta", "bubble_out"),
    ("bubble_out_text", "selection_out"),
    ("ok", "canvas"),
    ("ok", "ok_soft"),
    ("warn", "canvas"),
    ("warn", "warn_soft"),
    ("danger", "canvas"),
    ("danger", "danger_soft"),
    ("danger", "row_on"),
    ("danger", "field"),
    ("on_accent", "danger_button"),
    ("on_badge", "badge"),
    ("on_badge", "badge_mute"),
    ("rail_icon", "rail"),
    ("rail_icon_on", "rail_on"),
    ("text2", "chip"),
    ("hit_text", "hit"),
    ("hit_now_text", "hit_now"),
    ("link", "card"),
    ("link", "field"),
    ("link", "chip"),
    ("link", "row_on"),
    ("link", "row_hover"),
    ("link", "ok_soft"),
    ("link", "warn_soft"),
    ("link", "danger_soft"),
    ("danger", "panel"),
    ("danger", "row_hover"),
    ("danger", "card"),
    ("ok", "panel"),
    ("ok", "row_hover"),
    ("ok", "card"),
    ("warn", "panel"),
    ("warn", "card"),
    ("text", "row_on"),
    ("text", "row_hover"),
    ("text2", "ok_soft"),
    ("text2", "warn_soft"),
    ("text2", "danger_soft"),
    ("text2", "rail"),
    ("text3", "chip"),
    ("text3", "card"),
    ("on_accent", "accent_press"),
    ("on_accent", "danger_press"),
    ("rail_icon", "canvas"),
    ("rail_icon_on", "canvas"),
    ("rail_icon", "panel"),
    ("rail_icon_on", "panel"),
)

WHITE = "#FFFFFF"
AVATARS = ("#3F51C8", "#9A3E9E", "#0B7285", "#B0413E", "#2B7A3F", "#8A5A00", "#6741C7", "#A33A6A")
"""Under white initials: 5.3 to 6.7."""
NAMES_DARK = ("#A9B2FF", "#E3A0E6", "#6FD0E0", "#F2A19E", "#86D69A", "#E7BC6A", "#C5AEFF", "#F0A3C6")
"""Senders' names in dark bubbles: 7.1 to 8.3. In light ones the avatar's colour itself is used."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type style: pixel size, weight, line height."""

    px: int
    weight: int
    line: int


H1 = Type(26, 700, 34)
DISPLAY = Type(20, 700, 28)
TITLE = Type(16, 600, 22)
BODY = Type(15, 400, 22)
LABEL = Type(13, 500, 18)
META = Type(12, 400, 16)
EMOJI = Type(36, 400, 46)
MICRO = Type(11, 600, 14)
CODE = Type(44, 700, 56)
CODE_SMALL = Type(32, 700, 48)
NUM = Type(52, 700, 64)

FAMILIES = (
    "Pretendard",
    "Noto Color Emoji",
    "Apple Color Emoji",
    "Segoe UI Emoji",
    "Noto Sans CJK KR",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
)

RAIL = 68
LIST = 336
HEADER = 68
ROW = 70
DRAWER = 340
COLUMN_MAX = 860
BUBBLE_MAX = 460
NARROW = 640
"""Below this width there is one pane, with a tab bar."""
DRAWER_COVERS = 1100
TAB_BAR = 64
RADIUS = 12
RADIUS_CARD = 16
RADIUS_BUBBLE = 18
RADIUS_GROUPED = 6
STROKE = 1.8


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two `#RRGGBB` colours, 1..21."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
