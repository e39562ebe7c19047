"""Changes values of a YAML text and leaves everything else as it was written.

Style, order and comments of a file are its reader's; a value that comes back from elsewhere
touches the lines that say it and no other.
"""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import yaml

_LONGEST_LINE = 110
_STEP = 2
_ENDLESS = 10**9

Edit = tuple[int, int, str]


class _WrittenAnewError(Exception):
    """A change that is not worth an edit of its own: what is around it is written anew."""


def edited(text: str, value: Any) -> str:
    """`text` with as few changes as make it say `value`."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    try:
        edits = list(_Editor(text).edits(root, value)) if root else [(0, len(text), written(value))]
    except _WrittenAnewError:
        return written(value)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text if _says(text, value) else written(value)


def _says(text: str, value: Any) -> bool:
    try:
        return bool(yaml.safe_load(text) == value)
    except yaml.YAMLError:
        return False


def written(value: dict[str, Any]) -> str:
    """A new file: a line a key, what is short on one line, texts of several lines as they are."""
    return "".join(f"{line}\n" for key, item in value.items() for line in _entry(key, item, 0))


class _Editor:
    """Finds the edits of one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def edits(self, node: yaml.Node, value: Any) -> Iterator[Edit]:
        """The edits that make `node` say `value`."""
        if _said(node) == value and type(_said(node)) is type(value):
            return
        if isinstance(node, yaml.MappingNode) and isinstance(value, dict) and node.value and value:
            yield from (self._flow if node.flow_style else self._mapping)(node, value)
        elif isinstance(node, yaml.SequenceNode) and isinstance(value, list) and node.value:
            if node.flow_style:
                yield from self._flow(node, value)
            elif value:
                yield from self._sequence(node, value)
            else:
                raise _WrittenAnewError
        elif isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">") and _is_line(value):
            yield node.start_mark.index, node.end_mark.index, _in_block(value)
        else:
            raise _WrittenAnewError

    def _flow(self, node: yaml.CollectionNode, value: Any) -> Iterator[Edit]:
        if not _fits_in_flow(value):
            raise _WrittenAnewError
        yield node.start_mark.index, node.end_mark.index, self._flow_text(node, value)

    def _flow_text(self, node: yaml.Node | None, value: Any) -> str:
        """`value` on one line, with the words of `node` where they say the same."""
        if node is not None and _said(node) == value:
            return self._text[node.start_mark.index : node.end_mark.index]
        if isinstance(value, dict) and value:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            known = {_said(k): v for k, v in pairs}
            keys = [*(k for k in known if k in value), *(k for k in value if k not in known)]
            inner = (f"{_in_flow(k)}: {self._flow_text(known.get(k), value[k])}" for k in keys)
            return "{" + ", ".join(inner) + "}"
        if isinstance(value, list) and value:
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            same = {_key(_said(item)): item for item in items}
            paired = items if len(items) == len(value) else [same.get(_key(v)) for v in value]
            inner = (self._flow_text(n, v) for n, v in zip(paired, value, strict=True))
            return "[" + ", ".join(inner) + "]"
        return _in_flow(value)

    def _mapping(self, node: yaml.MappingNode, value: dict[str, Any]) -> Iterator[Edit]:
        indent = node.start_mark.column
        nodes = {_said(key): (key, item) for key, item in node.value}
        after = next(iter(nodes))
        added: dict[str, list[str]] = {}
        for key, item in value.items():
            if key in nodes:
                yield from self._value(*nodes[key], item)
                after = key
            else:
                lines = _entry(key, item, indent)
                added.setdefault(after, []).extend(" " * indent + line for line in lines)
        for key, lines in added.items():
            end = self._end_of_line(nodes[key][1])
            yield end, end, "".join(f"{line}\n" for line in lines)
        for key in nodes.keys() - value.keys():
            yield self._line_start(nodes[key][0]), self._end_of_line(nodes[key][1]), ""

    def _value(self, key: yaml.Node, node: yaml.Node, value: Any) -> Iterator[Edit]:
        try:
            yield from list(self.edits(node, value))
        except _WrittenAnewError:
            indent = key.start_mark.column
            first, *others = _entry(_said(key), value, indent)
            lines = [first, *(" " * indent + line if line else "" for line in others)]
            yield key.start_mark.index, self._end_of_line(node), "\n".join(lines) + "\n"

    def _sequence(self, node: yaml.SequenceNode, value: list[Any]) -> Iterator[Edit]:
        """Items of a block, one `- ` each."""
        indent = node.start_mark.column
        before, now = [_key(_said(item)) for item in node.value], [_key(item) for item in value]
        matcher = SequenceMatcher(None, before, now, autojunk=False)
        for what, i1, i2, j1, j2 in matcher.get_opcodes():
            if what == "equal":
                continue
            kept = min(i2 - i1, j2 - j1)
            for item, new in zip(node.value[i1 : i1 + kept], value[j1 : j1 + kept], strict=True):
                yield from self._item(item, new, indent)
            for item in node.value[i1 + kept : i2]:
                yield self._line_start(item, dash=True), self._end_of_line(item), ""
            if new_items := value[j1 + kept : j2]:
                at = i1 + kept
                start = (
                    self._end_of_line(node.value[at - 1])
                    if at
                    else self._line_start(node.value[0], dash=True)
                )
                lines = (" " * indent + line for item in new_items for line in _item(item, indent))
                yield start, start, "".join(f"{line}\n" for line in lines)

    def _item(self, node: yaml.Node, value: Any, indent: int) -> Iterator[Edit]:
        try:
            yield from list(self.edits(node, value))
        except _WrittenAnewError:
            lines = [" " * indent + line for line in _item(value, indent)]
            text = "\n".join(lines) + "\n"
            yield self._line_start(node, dash=True), self._end_of_line(node), text

    def _line_start(self, node: yaml.Node, *, dash: bool = False) -> int:
        """Where the line of `node` begins, which nothing but spaces (and a dash) comes before."""
        start = self._text.rfind("\n", 0, node.start_mark.index) + 1
        before = self._text[start : node.start_mark.index].strip()
        if before != ("-" if dash else ""):
            raise _WrittenAnewError
        return start

    def _end_of_line(self, node: yaml.Node) -> int:
        """The end of the last line of `node`, its line break included."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        end = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            end = len(self._text[:end].rstrip())
        found = self._text.find("\n", end)
        return len(self._text) if found < 0 else found + 1


def _said(node: yaml.Node) -> Any:
    """What a node says, as Python has it."""
    loader = yaml.SafeLoader("")
    return loader.construct_document(node)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _is_line(value: Any) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def _fits_in_flow(value: Any) -> bool:
    """Whether no text in `value` has several lines."""
    if isinstance(value, dict):
        return all(_fits_in_flow(item) for item in value.values())
    if isinstance(value, list):
        return all(_fits_in_flow(item) for item in value)
    return _is_line(value)


def _in_flow(value: Any) -> str:
    """A value on one line, as it stands between braces or brackets."""
    text = yaml.safe_dump(
        [value], allow_unicode=True, default_flow_style=True, sort_keys=False, width=_ENDLESS
    )
    return text.strip()[1:-1]


def _in_block(value: Any) -> str:
    """A scalar as it stands after a key."""
    text = yaml.safe_dump({"k": value}, allow_unicode=True, width=_ENDLESS)
    return text.removeprefix("k:").strip()


def _entry(key: Any, value: Any, indent: int) -> list[str]:
    """The lines of one key of a block, without the indent of the block itself."""
    name = _in_block(key)
    if isinstance(value, str) and _is_literal(value):
        sign = "|" if value.endswith("\n") else "|-"
        return [f"{name}: {sign}", *_deeper(value.rstrip("\n").split("\n"))]
    if not isinstance(value, dict | list):
        return [f"{name}: {_in_block(value)}"]
    flow = f"{name}: {_in_flow(value)}"
    if not value or (len(flow) + indent <= _LONGEST_LINE and _fits_in_flow(value)):
        return [flow]
    if isinstance(value, dict):
        inner = [line for k, v in value.items() for line in _entry(k, v, indent + _STEP)]
    else:
        inner = [line for item in value for line in _item(item, indent + _STEP)]
    return [f"{name}:", *_deeper(inner)]


def _item(value: Any, indent: int) -> list[str]:
    """The lines of one item of a block."""
    if isinstance(value, dict) and value:
        flow = _in_flow(value)
        if len(flow) + indent > _LONGEST_LINE or not _fits_in_flow(value):
            lines = [line for k, v in value.items() for line in _entry(k, v, indent + _STEP)]
            first, *others = _deeper(lines)
            return [f"- {first.lstrip()}", *others]
        return [f"- {flow}"]
    return [f"- {_in_flow(value)}"]


def _is_literal(value: str) -> bool:
    """Whether a text can be written line by line as it is."""
    body = value.removesuffix("\n")
    lines = body.split("\n")
    return "\n" in value and bool(lines[0]) and not lines[0].startswith(" ") and bool(lines[-1])


def _deeper(lines: list[str]) -> list[str]:
    return [" " * _STEP + line if line else "" for line in lines]
