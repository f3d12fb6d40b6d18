"""The use cases over a gateway and a repository, and what a patient does at Junction."""

from dataclasses import dataclass, replace
from typing import Any

from adapters.junction.model import JunctionModel
from domain.forgetting import ForgettingService
from domain.lifecycle import LifecycleService
from domain.link_token import LinkToken
from domain.linking import LinkingService
from domain.provider import Provider, Slug
from domain.reconciling import ReconcilingService
from domain.webhooks import WebhookService
from tests.builders import a_caller
from tests.contracts.gateways import PATIENCE, Simulated
from tests.contracts.storages import Stored


@dataclass(frozen=True)
class Linking:
    service: LinkingService
    simulated: Simulated
    stored: Stored

    @classmethod
    def over(cls, simulated: Simulated, stored: Stored) -> "Linking":
        service = LinkingService(
            **_asking(simulated, stored),
            ledger=stored.ledger,
            connections=stored.connections,
            trail=stored.trail,
        )
        return cls(service, simulated, stored)

    @property
    def junction(self) -> JunctionModel:
        return self.simulated.model

    @property
    def lifecycle(self) -> LifecycleService:
        return LifecycleService(
            **_asking(self.simulated, self.stored),
            users=self.stored.users,
            connections=self.stored.connections,
            trail=self.stored.trail,
            sleep=self.stored.clock.sleep,
        )

    @property
    def webhooks(self) -> WebhookService:
        return WebhookService(
            **_asking(self.simulated, self.stored),
            users=self.stored.users,
            connections=self.stored.connections,
            trail=self.stored.trail,
        )

    @property
    def reconciling(self) -> ReconcilingService:
        return ReconcilingService(
            **_asking(self.simulated, self.stored),
            users=self.stored.users,
            connections=self.stored.connections,
            sleep=self.stored.clock.sleep,
        )

    @property
    def forgetting(self) -> ForgettingService:
        return ForgettingService(
            **_asking(self.simulated, self.stored),
            users=self.stored.users,
            retention=self.stored.retention,
        )

    def trusting_callers(self) -> "Linking":
        return replace(self, service=replace(self.service, trusts_caller=True))

    async def mint(self, provider: Provider | None = None) -> LinkToken:
        link = await self.service.mint(a_caller(), provider=provider, redirect_url=None)
        return link.token

    async def minted_and_linked(
        self, slug: str = "oura", provider: Provider | None = None
    ) -> LinkToken:
        token = await self.mint(provider)
        self.junction.link(token.reveal(), Slug(slug))
        return token


def _asking(simulated: Simulated, stored: Stored) -> Any:
    """What every use case needs that asks Junction."""
    return {"junction": simulated.gateway, "clock": stored.clock, "patience": PATIENCE}
