"""Patients with connections that have been left alone for a day, and a run over them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from adapters.junction.simulated_user import user_id_of
from domain.connection import Connection
from domain.drift import Drift
from domain.facts import Status
from domain.identifiers import Caller, JunctionUserId, PatientId, RequestId
from domain.link_token import LinkToken
from domain.provider import Provider, Slug
from domain.reconciling import Plan, ReconcilingService
from tests.builders import a_caller, hours
from tests.contracts.linking import Linking

PLAN: Final = Plan(older_than=hours(6), rate=1000)
RUN: Final = RequestId("run-1")


def patients(count: int) -> list[PatientId]:
    return [PatientId(f"patient-{n}") for n in range(count)]


def patient_service(linking: Linking) -> ReconcilingService:
    """Of a run whose turns pass at once on the clock: no question may be late for that."""
    return replace(linking.reconciling, patience=100_000.0)


async def linked(linking: Linking, patient_id: PatientId, *providers: Provider) -> JunctionUserId:
    """A patient with a connection to each."""
    caller = a_caller(patient_id)
    tokens = [await _minted(linking, caller, provider) for provider in providers]
    for token, provider in zip(tokens, providers, strict=True):
        linking.junction.link(token.reveal(), Slug(provider))
        connection = await linking.service.exchange(caller, token, provider)
        assert connection.status is Status.CONNECTED
    return user_id_of(patient_id)


async def all_linked(linking: Linking, count: int, *providers: Provider) -> list[JunctionUserId]:
    """So many patients, a day ago."""
    users = await asyncio.gather(
        *(linked(linking, patient, *providers) for patient in patients(count))
    )
    linking.stored.clock.advance(hours(24))
    return users


async def sought(linking: Linking, patient_id: PatientId, provider: Provider) -> None:
    """A patient whose link has not appeared."""
    caller = a_caller(patient_id)
    token = await _minted(linking, caller, provider)
    connection = await linking.service.exchange(caller, token, provider)
    assert connection.status is Status.PENDING


async def run(
    linking: Linking, plan: Plan = PLAN, drift: Drift | None = None
) -> tuple[Drift, list[int]]:
    """What it counted, and the rows of each page."""
    drift = drift or Drift()
    service = patient_service(linking)
    return drift, [rows async for rows in service.run(plan, drift, RUN)]


async def rows_of(linking: Linking, *patient_ids: PatientId) -> Sequence[Connection]:
    listed = [await linking.stored.connections.list_for(each) for each in patient_ids]
    return [row for rows in listed for row in rows]


async def statuses_of(linking: Linking, *patient_ids: PatientId) -> list[Status]:
    return [row.status for row in await rows_of(linking, *patient_ids)]


async def _minted(linking: Linking, caller: Caller, provider: Provider) -> LinkToken:
    link = await linking.service.mint(caller, provider=provider, redirect_url=None)
    return link.token
