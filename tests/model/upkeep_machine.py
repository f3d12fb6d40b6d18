"""The same histories, going on after connections are linked."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from tests.model import drawn
from tests.model.machine import Histories
from tests.model.message import Message
from tests.model.storages import Storage
from tests.model.trouble import Trouble
from tests.model.upkeep import (
    Disconnecting,
    Forgetting,
    Hearing,
    Reconciling,
)

NOBODY: Final = "00000000-0000-4000-8000-000000000000"
CREATED: Final = "provider.connection.created"


class Upkeep(Histories):
    """`messages` are those that Junction wrote; each may arrive now, again, late, or never."""

    messages: Bundle[Message] = Bundle("messages")

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self.written = 0

    # What Junction says by itself

    @rule(
        target=messages,
        patient=drawn.patients,
        event=drawn.events,
        slug=drawn.event_slugs,
        age=drawn.ages,
    )
    def junction_writes(
        self, patient: str, event: str, slug: str | None, age: timedelta | None
    ) -> Message:
        """It is under way, and may be lost."""
        return self.message(patient, event, slug, age)

    @rule(message=messages)
    def message_arrives(self, message: Message) -> None:
        self.talk.ask(Hearing(message))

    @rule(
        target=messages,
        patient=drawn.patients,
        event=drawn.events,
        slug=drawn.event_slugs,
        age=drawn.ages,
    )
    def junction_tells(
        self,
        patient: str,
        event: str,
        slug: str | None,
        age: timedelta | None,
    ) -> Message:
        return self.tell(self.message(patient, event, slug, age))

    @rule(
        target=messages,
        patient=drawn.patients,
        event=drawn.data_events,
        slug=drawn.data_slugs,
        age=drawn.ages,
        others_age=drawn.ages,
    )
    def data_arrive_twice(
        self,
        patient: str,
        event: str,
        slug: str,
        age: timedelta | None,
        others_age: timedelta | None,
    ) -> Message:
        """In the order of their age, or swapped."""
        self.tell(self.message(patient, event, slug, others_age))
        return self.tell(self.message(patient, event, slug, age))

    @rule(target=messages, patient=drawn.patients, slug=drawn.kept_slugs, status=drawn.statuses)
    def junction_lists_and_tells(self, patient: str, slug: str, status: str) -> Message:
        self.junction.list_provider(patient, slug, status)
        return self.tell(self.message(patient, CREATED, slug))

    @rule(one=messages, other=messages)
    def messages_arrive_at_once(self, one: Message, other: Message) -> None:
        """They may be the same."""
        self.talk.ask_at_once(Hearing(one), Hearing(other))

    @rule(message=messages, claims=drawn.claims)
    def message_claims_otherwise(self, message: Message, claims: dict[str, Any]) -> None:
        self.written += 1
        self.talk.ask(Hearing(message._replace(id=f"msg_{self.written}", **claims)))

    # What is asked about connections that exist

    @rule(by=drawn.patients, number=st.integers(0, 3))
    def disconnect(self, by: str, number: int, trouble: Trouble = Trouble.NONE) -> None:
        if disconnecting := self.disconnecting(number, by):
            self.talk.ask(disconnecting, trouble)

    @rule(patient=drawn.patients, slug=drawn.kept_slugs, number=st.integers(0, 3))
    def junction_lists_and_patient_disconnects(self, patient: str, slug: str, number: int) -> None:
        self.junction_lists_and_tells(patient, slug, "connected")
        if disconnecting := self.disconnecting(number):
            self.talk.ask(disconnecting)

    @rule(older_than=drawn.stale, dry_run=st.booleans())
    def reconcile(
        self, older_than: timedelta, *, dry_run: bool, trouble: Trouble = Trouble.NONE
    ) -> None:
        self.talk.ask(Reconciling(older_than, dry_run), trouble)

    @rule(
        patient=drawn.patients,
        slug=drawn.slugs,
        status=st.sampled_from(["connected", "error", "paused"]),
        change=drawn.changes,
        by=drawn.times,
        older_than=drawn.stale,
        dry_run=st.booleans(),
    )
    def message_is_lost_until_reconciled(
        self,
        patient: str,
        slug: str,
        status: str,
        change: str | None,
        by: timedelta,
        older_than: timedelta,
        *,
        dry_run: bool,
    ) -> None:
        self.junction_lists_and_tells(patient, slug, status)
        self.junction.change(patient, slug, change)
        self.service.clock.advance(by)
        self.talk.ask(Reconciling(older_than, dry_run))

    @rule(patient=drawn.patients, is_unheard_of=st.booleans())
    def patient_is_forgotten(self, patient: str, *, is_unheard_of: bool) -> None:
        """Junction may know the patient by a mint that nobody came back from."""
        if is_unheard_of:
            self.junction.begin_another_life(patient, forget=False)
            self.mint(patient, None, Trouble.WRITE_REFUSED)
        self.forget(patient)

    def forget(self, patient: str, trouble: Trouble = Trouble.NONE) -> None:
        self.talk.forget(Forgetting(patient, self.junction.user_of(patient)), trouble)

    # Ways to say it

    def message(
        self, patient: str, event: str, slug: str | None, age: timedelta | None = None
    ) -> Message:
        self.written += 1
        says_when = event.startswith("daily.")  # Junction takes history in piece by piece
        return Message(
            id=f"msg_{self.written}",
            event=event,
            user=self.junction.user_of(patient) or NOBODY,
            client_user_id=patient,
            team="ours",
            slug=slug,
            data_at=self.service.clock.now() - age if says_when and age is not None else None,
        )

    def tell(self, message: Message, trouble: Trouble = Trouble.NONE) -> Message:
        self.talk.ask(Hearing(message), trouble)
        return message

    def disconnecting(self, number: int, by: str | None = None) -> Disconnecting | None:
        """Of one that anyone was ever told of, if there are any; by its owner, if by nobody."""
        known = self.witness.ids
        if not known:
            return None
        owner, name, id_ = known[number % len(known)]
        by = by or owner
        own = name if by == owner else None
        return Disconnecting(by, id_, own)
