"""Write compound files (OLE), as Outlook and Office before 2007 did. Source: [MS-CFB]."""

import struct

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALL_SECTOR, _CUTOFF = 512, 64, 4_096
Folder = dict[str, "bytes | Folder"]


class _Chain:
    """Sectors one after another, and the table that links them."""

    def __init__(self, sector: int) -> None:
        self.sector, self.data, self.table = sector, b"", []

    def add(self, content: bytes) -> int:
        """Append a stream. Return its first sector."""
        start, n_sectors = len(self.table), -(-len(content) // self.sector)
        self.data += content.ljust(n_sectors * self.sector, b"\0")
        self.table += [*range(start + 1, start + n_sectors), _END] if n_sectors else []
        return start if n_sectors else _END


def compound_file(root: Folder) -> bytes:
    """Return a compound file of these streams and folders."""
    large, small = _Chain(_SECTOR), _Chain(_SMALL_SECTOR)
    entries: list[dict] = [{"name": "Root Entry", "kind": 5, "child": _FREE, "right": _FREE, "start": _END, "size": 0}]
    pending = [(0, root)]
    while pending:
        parent, folder = pending.pop()
        entries[parent]["child"] = len(entries) if folder else _FREE
        for number, (name, content) in enumerate(folder.items()):
            right = len(entries) + 1 if number + 1 < len(folder) else _FREE
            entry = {"name": name, "kind": 1, "child": _FREE, "right": right, "start": 0, "size": 0}
            if isinstance(content, bytes):
                chain = small if len(content) < _CUTOFF else large
                entry |= {"kind": 2, "start": chain.add(content), "size": len(content)}
            else:
                pending.append((len(entries), content))
            entries.append(entry)
    entries[0] |= {"start": large.add(small.data), "size": len(small.data)}
    links = struct.pack(f"<{len(small.table)}I", *small.table)
    first_link = large.add(links.ljust(-(-len(links) // _SECTOR) * _SECTOR, b"\xff"))
    first_entry = large.add(b"".join(map(_entry, entries)))
    n_fat = -(-(len(large.table) + 1) // (_SECTOR // 4 - 1))
    positions = [*range(len(large.table), len(large.table) + n_fat)]
    table = large.table + [_FAT] * n_fat
    fat = struct.pack(f"<{len(table)}I", *table).ljust(n_fat * _SECTOR, b"\xff")
    sizes = (n_fat, first_entry, 0, _CUTOFF, first_link, -(-len(links) // _SECTOR), _END, 0)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6xI8I", 0x3E, 3, 0xFFFE, 9, 6, 0, *sizes)
    return head + struct.pack("<109I", *positions, *[_FREE] * (109 - n_fat)) + large.data + fat


def _entry(entry: dict) -> bytes:
    name = entry["name"].encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", _FREE, entry["right"], entry["child"])
    place = struct.pack("<IQ", entry["start"], entry["size"])
    return name.ljust(64, b"\0") + struct.pack("<HBB", len(name), entry["kind"], 1) + links + bytes(36) + place


def outlook_message(
    subject: str, sender: str, body: str = "", html: bytes = b"", attachments: dict[str, bytes] | None = None
) -> bytes:
    """Return a message as Outlook saves it. Source: [MS-OXMSG]."""

    def streams(header: int, texts: dict[int, str], data: dict[int, bytes], numbers: dict[int, int]) -> Folder:
        rows = [struct.pack("<HHIQ", 0x1F, tag, 6, len(text) * 2 + 2) for tag, text in texts.items() if text]
        rows += [struct.pack("<HHIQ", 0x102, tag, 6, len(content)) for tag, content in data.items() if content]
        rows += [struct.pack("<HHIQ", 3, tag, 6, number) for tag, number in numbers.items()]
        return {
            "__properties_version1.0": bytes(header) + b"".join(rows),
            **{f"__substg1.0_{tag:04X}001F": text.encode("utf-16-le", "surrogatepass") for tag, text in texts.items() if text},
            **{f"__substg1.0_{tag:04X}0102": content for tag, content in data.items() if content},
        }

    texts = {0x1A: "IPM.Note", 0x37: subject, 0xC1A: sender, 0xC1F: "ray@example.org", 0x1000: body}
    root = streams(32, texts, {0x1013: html}, {0x3FDE: 65001, 0x340D: 0x40000})
    for number, (name, content) in enumerate((attachments or {}).items()):
        root[f"__attach_version1.0_#{number:08X}"] = streams(8, {0x3707: name}, {0x3701: content}, {0x3705: 1})
    return compound_file(root)
