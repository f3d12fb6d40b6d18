"""The form of a Link page, read as a browser reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True, kw_only=True)
class LinkForm:
    """Where it is sent, what goes along unseen, and which buttons there are."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)


def read_form(page: bytes) -> LinkForm:
    """The form; one without buttons where the page has none."""
    reader = _Reader()
    reader.feed(page.decode(errors="replace"))
    return reader.form


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = LinkForm()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.form.action = of.get("action", "")
            case "input" if of.get("type") == "hidden":
                self.form.hidden[of.get("name", "")] = of.get("value", "")
            case "button" if of.get("name") == "choice":
                self.form.choices.append(of.get("value", ""))
