"""The link tokens of patient `demo` that work in every staging, as test cards do in payments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from adapters.junction.faults import Fault
from adapters.junction.journal import FileJournal, InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.link_token import LinkToken, Mint
from domain.provider import Provider, Slug
from ports.clock import Clock

DEMO: Final = PatientId("demo")
_SOMEONE_ELSE: Final = PatientId("demo-someone-else")
_DOWN: Final = PatientId("demo-junction-down")
_SLOW: Final = PatientId("demo-junction-slow")

_FOR_EVER: Final = timedelta(days=365 * 100)
_LONG_OVER: Final = timedelta(days=-2)


@dataclass(frozen=True, slots=True)
class _WellKnown:
    token: str
    provider: Provider | None
    patient: PatientId = DEMO
    junction_user: PatientId = DEMO
    lifetime: timedelta = _FOR_EVER


# The newest entry of a patient names their current Junction user, so `demo`'s own come last.
_TOKENS: Final = (
    _WellKnown("link-test-foreign", None, _SOMEONE_ELSE, _SOMEONE_ELSE),
    _WellKnown("link-test-junction-down", Provider.EIGHT_SLEEP, junction_user=_DOWN),
    _WellKnown("link-test-junction-slow", Provider.FREESTYLE_LIBRE, junction_user=_SLOW),
    _WellKnown("link-test-connected", Provider.OURA),
    _WellKnown("link-test-pending", Provider.WHOOP),
    _WellKnown("link-test-error", Provider.DEXCOM),
    _WellKnown("link-test-expired", None, lifetime=_LONG_OVER),
)


def simulated_junction(clock: Clock, journal_path: Path | None) -> JunctionModel:
    """Staging's Junction: remembered in the file, if there is one, with these users in it."""
    journal = FileJournal(journal_path) if journal_path else InMemoryJournal()
    model = JunctionModel(clock=clock, journal=journal)
    populate(model)
    return model


def populate(model: JunctionModel) -> None:
    """Give the model the users behind the tokens, and Junction's view of their wearables.

    Done once: what a tester has changed since then stays changed.
    """
    for patient in (DEMO, _SOMEONE_ELSE, _DOWN, _SLOW):
        if model.resolve(patient) is not None:
            continue
        model.create_user(patient)
        if patient == DEMO:
            _link_wearables_of_demo(model)
    model.faults.always[user_id_of(_DOWN)] = Fault.UNAVAILABLE
    model.faults.always[user_id_of(_SLOW)] = Fault.SLOW


def mints(monotonic: float) -> Iterator[Mint]:
    """The ledger entries of the tokens, as of now."""
    for age, known in enumerate(reversed(_TOKENS)):
        yield Mint(
            digest=LinkToken(known.token).digest,
            patient_id=known.patient,
            junction_user_id=user_id_of(known.junction_user),
            team_id=JunctionModel.team_id,
            provider=known.provider.provider_name if known.provider else None,
            asked=monotonic - age,
            lifetime=known.lifetime,
        )


def _link_wearables_of_demo(model: JunctionModel) -> None:
    demo = user_id_of(DEMO)
    model.list_provider(demo, Slug("oura"))
    # A word Junction does not document, which is never `connected`: pending for as long as it
    # stands, where an absent row would be given up after a day.
    model.list_provider(demo, Slug("whoop_v2"), status="linking")
    model.list_provider(demo, Slug("dexcom_v3"), status="error", error_type="token_refresh_failed")
