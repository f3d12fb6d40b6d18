"""The use cases over a gateway and a repository, and what a patient does at Junction."""

from dataclasses import dataclass, replace

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
    junction: JunctionModel
    stored: Stored

    @classmethod
    def over(cls, simulated: Simulated, stored: Stored) -> "Linking":
        service = LinkingService(
            junction=simulated.gateway,
            ledger=stored.ledger,
            connections=stored.connections,
            trail=stored.trail,
            clock=stored.clock,
            patience=PATIENCE,
        )
        return cls(service, simulated.model, stored)

    @property
    def lifecycle(self) -> LifecycleService:
        return LifecycleService(
            junction=self.service.junction,
            users=self.stored.users,
            connections=self.stored.connections,
            trail=self.stored.trail,
            clock=self.stored.clock,
            patience=PATIENCE,
            sleep=self.stored.clock.sleep,
        )

    @property
    def webhooks(self) -> WebhookService:
        return WebhookService(
            junction=self.service.junction,
            users=self.stored.users,
            connections=self.stored.connections,
            trail=self.stored.trail,
            clock=self.stored.clock,
            patience=PATIENCE,
        )

    @property
    def reconciling(self) -> ReconcilingService:
        return ReconcilingService(
            junction=self.service.junction,
            users=self.stored.users,
            connections=self.stored.connections,
            clock=self.stored.clock,
            patience=PATIENCE,
            sleep=self.stored.clock.sleep,
        )

    @property
    def forgetting(self) -> ForgettingService:
        return ForgettingService(
            junction=self.service.junction,
            users=self.stored.users,
            retention=self.stored.retention,
            clock=self.stored.clock,
            patience=PATIENCE,
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
