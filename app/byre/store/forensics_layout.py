"""Where in a page a byte lies: in a live cell, or in what deletion leaves behind.

```
 b-tree page:  header · cell pointers | gap | cells, free blocks among them
                                      └ slack: what cells that moved or shrank left behind
```
SQLite's file format, section 1.6. Only names for findings: nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Callable

from byre.store.forensics_pages import Page

_BTREE_HEADER = {2: 12, 5: 12, 10: 8, 13: 8}  # interior index, interior table, leaf index, leaf table
_FILE_HEADER = 100


def place_in_page(page: Page, offset: int, free_pages: frozenset[int]) -> str:
    """A name for `offset` of a page: free page, slack, free block, cell, or overflow."""
    if page.frame is None and page.number in free_pages:
        return "free page"
    data = page.data
    start = _FILE_HEADER if page.number == 1 else 0
    header = _BTREE_HEADER.get(data[start]) if len(data) > start + 12 else None
    if header is None:
        return "overflow page"
    cells = int.from_bytes(data[start + 3 : start + 5], "big")
    content = int.from_bytes(data[start + 5 : start + 7], "big") or 65536
    if start + header + 2 * cells <= offset < content:
        return "page slack"
    block = int.from_bytes(data[start + 1 : start + 3], "big")
    for _ in range(len(data) // 4):  # a damaged chain must end
        if not block or block + 4 > len(data):
            break
        if block <= offset < block + int.from_bytes(data[block + 2 : block + 4], "big"):
            return "free block"
        block = int.from_bytes(data[block : block + 2], "big")
    return "cell"


def free_pages(page_at: Callable[[int], bytes]) -> frozenset[int]:
    """Numbers of the pages on the free list; `page_at` gives a page's content by number, b"" beyond the end."""
    trunk = int.from_bytes(page_at(1)[32:36], "big")
    found: set[int] = set()
    while trunk and trunk not in found and (data := page_at(trunk)):
        found.add(trunk)
        count = min(int.from_bytes(data[4:8], "big"), max(0, len(data) - 8) // 4)
        found.update(int.from_bytes(data[8 + 4 * at : 12 + 4 * at], "big") for at in range(count))
        trunk = int.from_bytes(data[:4], "big")
    return frozenset(found)
