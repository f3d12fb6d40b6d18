"""What goes wrong in histories that go on after connections are linked."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model import drawn
from tests.model.machine import can_be_lost
from tests.model.message import Message
from tests.model.trouble import Trouble
from tests.model.upkeep import Hearing, Reconciling
from tests.model.upkeep_machine import Upkeep
from tests.model.upkeep_overlaps import UpkeepOverlaps


class UpkeepInTrouble(UpkeepOverlaps):
    """Storage and Junction fail, who asks hangs up, and the process is killed."""

    @rule(
        target=Upkeep.messages,
        patient=drawn.patients,
        event=drawn.events,
        slug=drawn.event_slugs,
        trouble=drawn.troubles,
    )
    def junction_tells_in_trouble(
        self, patient: str, event: str, slug: str | None, trouble: Trouble
    ) -> Message:
        return self.tell(self.message(patient, event, slug), trouble)

    @rule(number=st.integers(0, 3), trouble=drawn.troubles)
    def disconnect_in_trouble(self, number: int, trouble: Trouble) -> None:
        if disconnecting := self.disconnecting(number):
            self.talk.ask(disconnecting, trouble)

    @rule(
        older_than=drawn.stale,
        trouble=drawn.troubles.filter(lambda trouble: trouble is not Trouble.LATE),
    )
    def reconcile_in_trouble(self, older_than: timedelta, trouble: Trouble) -> None:
        self.reconcile(older_than, dry_run=False, trouble=trouble)

    @rule(patient=drawn.patients, trouble=drawn.troubles)
    def forget_in_trouble(self, patient: str, trouble: Trouble) -> None:
        self.forget(patient, trouble)

    @precondition(lambda self: self.storage.outlives_the_process)
    @rule(
        target=Upkeep.messages,
        patient=drawn.patients,
        event=drawn.events,
        slug=drawn.event_slugs,
    )
    def database_breaks_in_message(self, patient: str, event: str, slug: str | None) -> Message:
        return self.tell(self.message(patient, event, slug), Trouble.BREAKS_MIDWAY)

    @precondition(lambda self: self.storage.outlives_the_process)
    @rule(number=st.integers(0, 3))
    def database_breaks_in_disconnect(self, number: int) -> None:
        if disconnecting := self.disconnecting(number):
            self.talk.ask(disconnecting, Trouble.BREAKS_MIDWAY)

    @rule(message=Upkeep.messages, steps=drawn.steps)
    def sender_hangs_up(self, message: Message, steps: int) -> None:
        self.talk.ask_until_struck(Hearing(message), self.service.answer_unless_hung_up, steps)

    @rule(number=st.integers(0, 3), steps=drawn.steps)
    def client_hangs_up_in_disconnect(self, number: int, steps: int) -> None:
        if disconnecting := self.disconnecting(number):
            hung_up = self.service.answer_unless_hung_up
            self.talk.ask_until_struck(disconnecting, hung_up, steps)

    @rule(older_than=drawn.stale, steps=drawn.steps)
    def reconciling_is_left(self, older_than: timedelta, steps: int) -> None:
        left = self.service.answer_unless_hung_up
        self.talk.ask_until_struck(Reconciling(older_than, dry_run=False), left, steps)

    @can_be_lost
    @rule(older_than=drawn.stale, steps=drawn.steps)
    def kill_in_reconciling(self, older_than: timedelta, steps: int) -> None:
        self.age = 0
        killed = self.service.answer_until_killed
        self.talk.ask_until_struck(Reconciling(older_than, dry_run=False), killed, steps)

    @can_be_lost
    @rule(message=Upkeep.messages, steps=drawn.steps)
    def kill_in_message(self, message: Message, steps: int) -> None:
        self.age = 0
        self.talk.ask_until_struck(Hearing(message), self.service.answer_until_killed, steps)

    @can_be_lost
    @rule(number=st.integers(0, 3), steps=drawn.steps)
    def kill_in_disconnect(self, number: int, steps: int) -> None:
        if disconnecting := self.disconnecting(number):
            self.age = 0
            killed = self.service.answer_until_killed
            self.talk.ask_until_struck(disconnecting, killed, steps)
