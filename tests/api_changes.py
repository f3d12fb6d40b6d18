"""What differs between two API documents, and whether it breaks those who call the API.

Both are flattened to places with a value each, so that no difference can be overlooked. A table
lists what is harmless; all else breaks. A schema is judged by whether callers send it or get it:
what allows less breaks who sends it, what allows more breaks who gets it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Literal

Kind = Literal["new", "gone", "changed"]
Side = Literal["sent", "got"]

# For people alone. A property may have such a name too.
_WORDS: Final = re.compile(
    r"(?<!/properties)/(examples?|links|tags|description|summary|title)(/|$)|^/(openapi|info|servers)"
)

# Members of a schema that allow less than would be allowed without them.
_BOUNDS: Final = (
    "minLength|maxLength|minimum|maximum|minItems|maxItems|pattern|format|const|not|"
    "additionalProperties"
)

# The code of an error is for programs; its example is where the document has it.
_CODES: Final = re.compile(
    r"gone .*/responses/[45]\d\d/.*/examples/[^/]+|changed .*/examples/[^/]+/value/error"
)

_HARMLESS: Final = re.compile(
    r"new ("
    r"/paths/[^/]+(/[a-z]+)?|/components/[^/]+(/[^/]+)?|.*/security/[^/]+|"
    r".*/responses/\d+(/(content|headers)(/[^/]+)?)?|.*/requestBody/content/[^/]+"
    r")"
)
_HARMLESS_ON: Final[dict[Side, re.Pattern[str]]] = {
    "sent": re.compile(
        r"new .*/(parameters|properties)(/[^/]+)?|new .*/requestBody|"
        r"new .*/(enum|type|anyOf)/[^/]+|"
        rf"gone .*/required(/[^/]+)?|gone .*/enum|gone .*/({_BOUNDS})(/.*)?"
    ),
    "got": re.compile(
        r"new .*/(properties|required)(/[^/]+)?|gone .*/(enum|type|anyOf)/[^/]+|"
        rf"new .*/enum|new .*/({_BOUNDS})(/.*)?"
    ),
}


@dataclass(frozen=True)
class Change:
    kind: Kind
    where: str
    breaks: bool
    values: tuple[Any, ...] = ()

    def __str__(self) -> str:
        place = " > ".join(_unescaped(step) for step in self.where.split("/")[1:])
        became = " -> ".join(json.dumps(value) for value in self.values)
        return (
            f"{'BREAKING' if self.breaks else 'addition'}: {self.kind}: {place} {became}".strip()
        )


def changes(old: Any, new: Any) -> list[Change]:
    """All that differs, what breaks first. Of what is new or gone as a whole only its top."""
    before, after = dict(_places(old, "")), dict(_places(new, ""))
    sides = _sides(old, new)
    found: list[tuple[Kind, str, tuple[Any, ...]]] = [
        *(("gone", top, ()) for top in _tops(before, after)),
        *(("new", top, ()) for top in _tops(after, before)),
        *(
            ("changed", place, (before[place], after[place]))
            for place in before.keys() & after.keys()
            if before[place] != after[place]
        ),
    ]
    told = [
        Change(kind, where, _breaks(kind, where, after, sides), values)
        for kind, where, values in found
    ]
    return sorted(told, key=lambda each: (not each.breaks, each.where, each.kind))


def _breaks(kind: Kind, where: str, after: dict[str, Any], sides: dict[str, set[Side]]) -> bool:
    if _CODES.fullmatch(f"{kind} {where}"):
        return True
    if _WORDS.search(where) or _HARMLESS.fullmatch(f"{kind} {where}"):
        return False
    if kind == "changed":
        return not (where.endswith("/required") and after[where] is False)
    has_to_be_sent = re.compile(rf"{re.escape(where)}(/[^/]+)?/required")
    if any(value is True and has_to_be_sent.fullmatch(place) for place, value in after.items()):
        return True  # a parameter or a body
    asked = _sides_of(where, sides)
    return not asked or not all(_HARMLESS_ON[side].fullmatch(f"{kind} {where}") for side in asked)


def _places(node: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from _places(value, f"{where}/{_escaped(name)}")
    elif isinstance(node, list):
        # Without an alternative anybody may come: that is one too, and can be lost.
        for each in node or (["nobody in particular"] if where.endswith("/security") else []):
            if isinstance(each, dict) and "name" in each:
                yield from _places(each, f"{where}/{_escaped(each['name'])}")
            else:
                text = each if isinstance(each, str) else json.dumps(each, sort_keys=True)
                yield f"{where}/{_escaped(text)}", None
    else:
        yield where, node


def _tops(places: dict[str, Any], others: dict[str, Any]) -> set[str]:
    """Of each place that the others lack, the widest part of the document that is lacking."""
    there = {above for place in others for above in _above(place)}
    return {
        next(above for above in _above(place) if above not in there)
        for place in places.keys() - there
    }


def _above(place: str) -> Iterator[str]:
    """The whole document, ..., the place itself."""
    return accumulate(place.split("/"), lambda above, step: f"{above}/{step}")


def _sides(*documents: Any) -> dict[str, set[Side]]:
    """By schema, whether callers send it or get it, be it inside of another."""
    sides: dict[str, set[Side]] = {}

    def follow(node: Any, side: Side, schemas: dict[str, Any]) -> None:
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(node)):
            if side not in sides.setdefault(name, set()):
                sides[name].add(side)
                follow(schemas.get(name), side, schemas)

    for document in documents:
        for operations in document["paths"].values():
            for operation in operations.values():
                schemas = document["components"]["schemas"]
                follow(
                    [operation.get("parameters"), operation.get("requestBody")], "sent", schemas
                )
                follow(operation["responses"], "got", schemas)
    return sides


def _sides_of(where: str, sides: dict[str, set[Side]]) -> set[Side]:
    if where.startswith("/components/schemas/"):
        return sides.get(where.split("/")[3], set())
    place = f"{where}/"
    if "/responses/" in place:
        return {"got"}
    return {"sent"} if "/parameters/" in place or "/requestBody/" in place else set()


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
