"""Random histories of the service, each step of which has to be as the rules say."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from tests.asgi import Answer
from tests.builders import NOW
from tests.model import drawn
from tests.model.asking import Exchanging, Held, Minting
from tests.model.conversation import Conversation
from tests.model.rules import World
from tests.model.service import Service
from tests.model.storages import Storage
from tests.model.trouble import Trouble
from tests.model.witness import Witness

# A process that has just started has little to lose, and takes longer to start than to lose it.
can_be_lost = precondition(lambda self: self.storage.outlives_the_process and self.age >= 5)


class Histories(RuleBasedStateMachine):
    """`tokens` are those that somebody holds, `answered` the exchanges that have worked."""

    tokens: Bundle[Held] = Bundle("tokens")
    answered: Bundle[Exchanging] = Bundle("answered")

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self.storage = storage
        self.tokens_from_elsewhere = 0
        self.age = 0  # of the process, in steps

    @initialize(target=tokens, trusting=st.booleans(), annas=drawn.providers, bens=drawn.providers)
    def start(self, *, trusting: bool, annas: str | None, bens: str | None) -> Any:
        self.service = Service(self.storage, trusting=trusting)
        self.junction = self.service.junction
        self.witness = Witness(World(now=NOW, trusting=trusting))
        self.talk = Conversation(self.service, self.witness)
        return multiple(self.mint("anna", annas), self.mint("ben", bens))

    # What patients do

    @rule(target=tokens, patient=drawn.patients, provider=drawn.providers)
    def mint(self, patient: str, provider: str | None, trouble: Trouble = Trouble.NONE) -> Any:
        answer = self.talk.ask(Minting(patient, provider), trouble)
        return Held(patient, answer.json["link_token"]) if answer.status == 201 else multiple()

    @rule(target=tokens, patient=drawn.patients)
    def phone_mints(self, patient: str) -> Held:
        self.tokens_from_elsewhere += 1
        return Held(patient, f"minted elsewhere, {self.tokens_from_elsewhere}")

    @rule(token=tokens, slug=drawn.slugs)
    def patient_links(self, token: Held, slug: str) -> None:
        self.junction.link(token.text, slug)

    @rule(target=answered, token=tokens, provider=drawn.providers)
    def exchange(self, token: Held, provider: str | None, trouble: Trouble = Trouble.NONE) -> Any:
        exchanging = Exchanging(token.patient, token, provider)
        return self._worked(exchanging, self.talk.ask(exchanging, trouble))

    @rule(target=answered, token=tokens, slug=drawn.slugs, provider=drawn.providers)
    def link_and_exchange(self, token: Held, slug: str, provider: str | None) -> Any:
        self.junction.link(token.text, slug)
        return self.exchange(token, provider)

    @rule(
        target=answered,
        token=tokens,
        slug=drawn.slugs,
        status=drawn.statuses,
        provider=drawn.providers,
    )
    def junction_lists_and_exchange(
        self, token: Held, slug: str, status: str, provider: str | None
    ) -> Any:
        self.junction.list_provider(token.patient, slug, status)
        return self.exchange(token, provider)

    @rule(answered=answered)
    def repeat(self, answered: Exchanging) -> None:
        self.talk.ask(answered)

    @rule(target=answered, token=tokens, provider=drawn.providers)
    def exchange_somebody_elses(self, token: Held, provider: str | None) -> Any:
        exchanging = Exchanging(drawn.other_than(token.patient), token, provider)
        return self._worked(exchanging, self.talk.ask(exchanging))

    @rule(token=tokens, by=drawn.patients, name=drawn.names, other_name=drawn.names)
    def exchange_twice_at_once(self, token: Held, by: str, name: str, other_name: str) -> None:
        one, other = Exchanging(by, token, name), Exchanging(token.patient, token, other_name)
        self.talk.ask_at_once(one, other)

    @rule(token=tokens, name=drawn.names, other_token=tokens, other_name=drawn.names)
    def exchange_two_at_once(
        self, token: Held, name: str, other_token: Held, other_name: str
    ) -> None:
        one = Exchanging(token.patient, token, name)
        self.talk.ask_at_once(one, Exchanging(other_token.patient, other_token, other_name))

    @rule(patient=drawn.patients, number=st.integers(0, 5))
    def look_at_one(self, patient: str, number: int) -> None:
        self.talk.look_at(patient, number)

    # What Junction does

    @rule(patient=drawn.patients, slug=drawn.slugs, status=drawn.statuses)
    def junction_lists(self, patient: str, slug: str, status: str) -> None:
        self.junction.list_provider(patient, slug, status)

    @rule(patient=drawn.patients, slug=drawn.slugs)
    def junction_drops(self, patient: str, slug: str) -> None:
        self.junction.drop_provider(patient, slug)

    @rule(target=tokens, answered=answered, forget=st.booleans())
    def patient_becomes_another_user_and_mints(self, answered: Exchanging, *, forget: bool) -> Any:
        self.junction.begin_another_life(answered.patient, forget=forget)
        return self.mint(answered.patient, None)

    @rule(by=drawn.times)
    def time_passes(self, by: timedelta) -> None:
        self.service.clock.advance(by)

    # What goes wrong

    @rule(target=tokens, patient=drawn.patients, provider=drawn.providers, trouble=drawn.troubles)
    def mint_in_trouble(self, patient: str, provider: str | None, trouble: Trouble) -> Any:
        return self.mint(patient, provider, trouble)

    @rule(target=answered, token=tokens, provider=drawn.providers, trouble=drawn.troubles)
    def exchange_in_trouble(self, token: Held, provider: str | None, trouble: Trouble) -> Any:
        return self.exchange(token, provider, trouble)

    @precondition(lambda self: self.storage.outlives_the_process)
    @rule(target=answered, token=tokens, provider=drawn.providers)
    def database_breaks_in_exchange(self, token: Held, provider: str | None) -> Any:
        return self.exchange(token, provider, Trouble.BREAKS_MIDWAY)

    @rule(patient=drawn.patients, provider=drawn.providers, steps=drawn.steps)
    def client_hangs_up_in_mint(self, patient: str, provider: str | None, steps: int) -> None:
        hung_up = self.service.answer_unless_hung_up
        self.talk.ask_until_struck(Minting(patient, provider), hung_up, steps)

    @rule(token=tokens, provider=drawn.providers, steps=drawn.steps)
    def client_hangs_up_in_exchange(self, token: Held, provider: str | None, steps: int) -> None:
        hung_up = self.service.answer_unless_hung_up
        self.talk.ask_until_struck(Exchanging(token.patient, token, provider), hung_up, steps)

    @can_be_lost
    @rule(patient=drawn.patients, provider=drawn.providers, steps=drawn.steps)
    def kill_in_mint(self, patient: str, provider: str | None, steps: int) -> None:
        self.age = 0
        killed = self.service.answer_until_killed
        self.talk.ask_until_struck(Minting(patient, provider), killed, steps)

    @can_be_lost
    @rule(token=tokens, provider=drawn.providers, steps=drawn.steps)
    def kill_in_exchange(self, token: Held, provider: str | None, steps: int) -> None:
        self.age = 0
        killed = self.service.answer_until_killed
        self.talk.ask_until_struck(Exchanging(token.patient, token, provider), killed, steps)

    @can_be_lost
    @rule(trusting=st.booleans())
    def restart(self, *, trusting: bool) -> None:
        self.age = 0
        self.service.restart(trusting=trusting)
        self.witness.trusts(trusting=trusting)

    def _worked(self, exchanging: Exchanging, answer: Answer) -> Any:
        return exchanging if answer.status == 201 else multiple()

    # What always holds

    @invariant()
    def each_patient_sees_all_of_their_own_and_nothing_else(self) -> None:
        self.age += 1
        for patient in drawn.PATIENTS:
            self.talk.list_everything(patient)

    def teardown(self) -> None:
        """However it ended, nothing is left open."""
        if hasattr(self, "service"):
            self.service.close()
        self.storage.remove()
