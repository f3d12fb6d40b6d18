"""Which environment variables a check answers for."""

from typing import Final

from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, not_looked_at, red

JUNCTION: Final = ("JUNCTION_API_KEY", "JUNCTION_BASE_URL")
WEBHOOKS: Final = ("JUNCTION_WEBHOOK_SECRETS",)
IDENTITY: Final = ("IDENTITY", "INTROSPECTION_", "JWT_", "PATIENT_CLAIM", "REQUIRED_SCOPE")
DATABASE: Final = ("DATABASE_",)


async def others(examined: Examined) -> Finding:
    """Those that no other check answers for."""
    theirs = examined.problems_of(*JUNCTION, *WEBHOOKS, *IDENTITY, *DATABASE)
    ours = [problem for problem in examined.problems if problem not in theirs]
    return wrong(ours) if ours else green("every other setting can be read")


def wrong(problems: list[str]) -> Finding:
    return red(
        "; ".join(problems), "set it as docs/configuration.md says; `serve` would not start"
    )


def unread(examined: Examined, beginnings: tuple[str, ...]) -> Finding | None:
    """What a check says that rests on these, where they are wrong."""
    problems = examined.problems_of(*beginnings)
    return not_looked_at(f"{problems[0].partition(':')[0]} is wrong") if problems else None
