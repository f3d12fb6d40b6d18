"""What is asked while somebody else waits for Junction's answer."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import multiple, rule

from tests.model import drawn
from tests.model.asking import Exchanging, Held, Minting
from tests.model.upkeep import Hearing, HearingOfChange
from tests.model.upkeep_machine import CREATED, Upkeep


class UpkeepOverlaps(Upkeep):
    """The answer is older then than what was learned meanwhile, and of less weight."""

    @rule(token=Upkeep.tokens, provider=drawn.providers, slug=drawn.slugs, change=drawn.changes)
    def change_is_told_while_exchange_waits(
        self, token: Held, provider: str | None, slug: str, change: str | None
    ) -> None:
        told = Hearing(self.message(token.patient, CREATED, slug))
        becomes = HearingOfChange(told, token.patient, slug, change)
        self.talk.ask_within(Exchanging(token.patient, token, provider), becomes)

    @rule(
        patient=drawn.patients,
        slug=drawn.slugs,
        status=drawn.statuses,
        change=drawn.changes,
        event=st.sampled_from([CREATED, "daily.data.sleep.created"]),
        is_repeat=st.booleans(),
    )
    def change_is_told_while_message_waits(
        self,
        patient: str,
        slug: str,
        status: str,
        change: str | None,
        event: str,
        *,
        is_repeat: bool,
    ) -> None:
        self.junction.list_provider(patient, slug, status)
        waiting = Hearing(self.message(patient, event, slug))
        told = waiting if is_repeat else Hearing(self.message(patient, CREATED, slug))
        self.talk.ask_within(waiting, HearingOfChange(told, patient, slug, change))

    @rule(target=Upkeep.tokens, number=st.integers(0, 3))
    def patient_links_again_while_disconnect_waits(self, number: int) -> Any:
        disconnecting = self.disconnecting(number)
        if not disconnecting:
            return multiple()
        patient, name = disconnecting.patient, disconnecting.name
        minted = self.talk.ask_within(disconnecting, Minting(patient, None))
        if minted is None:
            return multiple()
        token = Held(patient, minted.json["link_token"])
        self.talk.ask(Exchanging(patient, token, name if name in drawn.NAMES else None))
        return token

    @rule(patient=drawn.patients, slug=drawn.slugs, status=drawn.statuses)
    def patient_becomes_another_user_while_message_waits(
        self, patient: str, slug: str, status: str
    ) -> None:
        self.junction.list_provider(patient, slug, status)
        message = self.message(patient, CREATED, slug)
        self.junction.begin_another_life(patient, forget=False)
        self.talk.ask_within(Hearing(message), Minting(patient, None))
