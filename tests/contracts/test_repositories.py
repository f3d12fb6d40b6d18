"""What LinkTokenLedger and ConnectionRepository promise, over every adapter."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from domain.errors import ConnectionNotFound, InvalidLinkToken, ProviderMismatch
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import ConnectionId, JunctionUserId, PatientId, RequestId
from domain.junction_errors import JunctionContradiction
from domain.provider import ProviderName
from tests.builders import (
    ANNA,
    ANNAS_USER,
    BEN,
    GARMIN,
    NOW,
    OURA,
    a_digest,
    a_listing,
    a_mint,
    a_report,
    an_entry,
    hours,
    minutes,
)
from tests.contracts.storages import Stored

BENS_USER = JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537")


async def test_storage_that_is_open_is_well(stored: Stored) -> None:
    await stored.storage.check()


class TestLedger:
    async def test_token_is_found_as_it_was_entered(self, stored: Stored) -> None:
        entered = await stored.ledger.enter(a_mint(provider=OURA))

        assert entered == an_entry(provider=OURA)
        assert await stored.ledger.find(a_digest()) == entered

    async def test_token_that_was_never_entered_is_not_found(self, stored: Stored) -> None:
        assert await stored.ledger.find(a_digest("another")) is None

    async def test_token_is_as_old_as_the_question_to_junction(self, stored: Stored) -> None:
        asked = stored.clock.monotonic()
        stored.clock.advance(minutes(2))

        entry = await stored.ledger.enter(a_mint(asked=asked, lifetime=minutes(10)))

        assert entry.minted_at == NOW
        assert entry.expires_at == NOW + minutes(10)

    async def test_first_entry_of_a_token_stays(self, stored: Stored) -> None:
        first = await stored.ledger.enter(a_mint(provider=OURA))
        stored.clock.advance(minutes(1))

        assert await stored.ledger.enter(a_mint(provider=GARMIN)) == first
        assert await stored.ledger.find(a_digest()) == first

    @pytest.mark.parametrize(
        "theirs",
        [
            {"patient_id": BEN, "junction_user_id": BENS_USER},
            {"patient_id": BEN},
            {"junction_user_id": BENS_USER},
        ],
        ids=["patient and user", "patient", "user"],
    )
    async def test_token_is_never_given_to_somebody_else(
        self, stored: Stored, theirs: dict[str, str]
    ) -> None:
        first = await stored.ledger.enter(a_mint())

        with pytest.raises(JunctionContradiction):
            await stored.ledger.enter(a_mint(**theirs))
        with pytest.raises(InvalidLinkToken):  # where they only present it
            await stored.ledger.enter(a_mint(minted_here=False, **theirs))

        assert await stored.ledger.find(a_digest()) == first

    @pytest.mark.parametrize("minted_here", [True, False])
    async def test_where_a_token_was_minted_is_remembered(
        self, stored: Stored, *, minted_here: bool
    ) -> None:
        await stored.ledger.enter(a_mint(minted_here=minted_here))
        again = await stored.ledger.enter(a_mint(minted_here=not minted_here))

        assert again.minted_here is minted_here
        assert await stored.ledger.find(a_digest()) == again

    async def test_junction_user_of_another_patient_is_refused(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        with pytest.raises(JunctionContradiction):
            await stored.ledger.enter(a_mint(patient_id=BEN, digest=a_digest("ben's")))

        assert await stored.ledger.find(a_digest("ben's")) is None

    async def test_tokens_entered_at_once_are_all_found(self, stored: Stored) -> None:
        digests = [a_digest(str(n)) for n in range(50)]

        await asyncio.gather(*(stored.ledger.enter(a_mint(digest=d)) for d in digests))

        for digest in digests:
            assert await stored.ledger.find(digest) is not None


class TestRecord:
    async def test_first_report_opens_a_connection(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        opened = await stored.connections.record(a_report(a_listing()))

        assert opened.status is Status.CONNECTED
        assert (opened.patient_id, opened.provider) == (ANNA, OURA)
        assert opened.junction_user_id == ANNAS_USER
        assert opened.id.version == 7
        assert await stored.connections.find(ANNA, OURA) == opened
        assert await stored.connections.get(ANNA, opened.id) == opened
        assert await stored.connections.list_for(ANNA) == [opened]

    async def test_everything_junction_said_is_stored(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        listing = a_listing(
            "not_invented_yet", "error", error_type="unknown", created_on=NOW - minutes(0.00001)
        )

        await stored.connections.record(
            a_report(listing, provider=ProviderName("not_invented_yet"))
        )

        found = await stored.connections.find(ANNA, ProviderName("not_invented_yet"))
        assert found is not None
        assert found.facts.seen.listing == listing

    async def test_next_report_is_joined_to_the_row(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(None))
        stored.clock.advance(minutes(1))

        joined = await stored.connections.record(
            a_report(a_listing(), asked=stored.clock.monotonic())
        )

        assert opened.status is Status.PENDING
        assert joined.status is Status.CONNECTED
        assert joined.id == opened.id
        assert await stored.connections.list_for(ANNA) == [joined]

    async def test_report_of_an_earlier_question_changes_nothing_seen_later(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        asked_early = stored.clock.monotonic()
        stored.clock.advance(minutes(1))
        seen = await stored.connections.record(
            a_report(a_listing(), asked=stored.clock.monotonic())
        )
        stored.clock.advance(minutes(1))

        late = await stored.connections.record(a_report(None, asked=asked_early))

        assert late.facts.seen == seen.facts.seen
        assert late.status is Status.CONNECTED

    async def test_step_of_the_wall_clock_between_question_and_write_is_no_age(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        asked = stored.clock.monotonic()
        stored.clock.step(hours(5))

        connection = await stored.connections.record(a_report(None, asked=asked))

        assert connection.facts.seen.asked_at == NOW + hours(5)

    async def test_wall_clock_that_steps_back_freezes_nothing(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        await stored.connections.record(a_report(a_listing()))
        stored.clock.advance(minutes(10))
        stored.clock.step(-hours(1))

        asked = stored.clock.monotonic()
        later = await stored.connections.record(a_report(a_listing(status="error"), asked=asked))

        assert later.status is Status.ERROR
        assert later.facts.seen.asked_at == NOW + minutes(10)

    async def test_row_opens_once(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(None))
        stored.clock.advance(minutes(1))

        later = await stored.connections.record(a_report(None, asked=stored.clock.monotonic()))

        assert later.facts.opened_at == opened.facts.opened_at == NOW
        assert await stored.connections.find(ANNA, OURA) == later

    async def test_token_is_bound_with_the_connection(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        await stored.connections.record(a_report(a_listing()))

        assert await stored.ledger.find(a_digest()) == an_entry(bound_to=OURA)

    async def test_providers_of_a_patient_have_rows_of_their_own(self, stored: Stored) -> None:
        opened = []
        for provider in ("oura", "garmin", "whoop"):
            digest = a_digest(provider)
            await stored.ledger.enter(a_mint(digest=digest))
            report = a_report(a_listing(provider), provider=ProviderName(provider), token=digest)
            opened.append(await stored.connections.record(report))
            stored.clock.advance(minutes(1))

        assert await stored.connections.list_for(ANNA) == opened
        assert await stored.connections.list_for(BEN) == []


class TestRefusals:
    async def test_token_that_was_never_entered(self, stored: Stored) -> None:
        with pytest.raises(InvalidLinkToken):
            await stored.connections.record(a_report(a_listing()))

        assert await stored.connections.list_for(ANNA) == []

    async def test_token_of_another_patient(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        with pytest.raises(InvalidLinkToken):
            await stored.connections.record(a_report(a_listing(), patient_id=BEN))

        assert await stored.connections.list_for(BEN) == []
        assert await stored.ledger.find(a_digest()) == an_entry()

    async def test_junction_user_of_the_past(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        before = await stored.connections.record(a_report(a_listing()))
        stored.clock.advance(minutes(1))
        newer = BENS_USER
        await stored.ledger.enter(
            a_mint(
                digest=a_digest("newer"),
                junction_user_id=newer,
                asked=stored.clock.monotonic(),
            )
        )

        with pytest.raises(InvalidLinkToken):
            await stored.connections.record(a_report(None, asked=stored.clock.monotonic()))
        assert await stored.connections.list_for(ANNA) == [before]

        report = a_report(a_listing(), junction_user_id=newer, token=a_digest("newer"))
        assert (await stored.connections.record(report)).junction_user_id == newer

    async def test_older_mint_does_not_make_its_user_current(self, stored: Stored) -> None:
        stored.clock.advance(minutes(1))
        await stored.ledger.enter(a_mint(asked=stored.clock.monotonic()))
        older = BENS_USER
        await stored.ledger.enter(
            a_mint(digest=a_digest("older"), junction_user_id=older, asked=0.0)
        )

        await stored.connections.record(a_report(a_listing()))

    async def test_junction_user_of_the_past_may_become_current_again(
        self, stored: Stored
    ) -> None:
        for name, user in (("a", ANNAS_USER), ("b", BENS_USER), ("c", ANNAS_USER)):
            asked = stored.clock.monotonic()
            await stored.ledger.enter(
                a_mint(digest=a_digest(name), junction_user_id=user, asked=asked)
            )
            stored.clock.advance(minutes(1))

        await stored.connections.record(a_report(a_listing(), token=a_digest("c")))

    async def test_token_bound_to_another_provider(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        before = await stored.connections.record(a_report(a_listing()))

        with pytest.raises(ProviderMismatch):
            await stored.connections.record(a_report(a_listing("garmin"), provider=GARMIN))

        assert await stored.connections.list_for(ANNA) == [before]

    async def test_connection_of_another_patient_is_no_different_from_none(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(a_listing()))

        for patient, connection_id in ((BEN, opened.id), (ANNA, ConnectionId(uuid4()))):
            with pytest.raises(ConnectionNotFound):
                await stored.connections.get(patient, connection_id)
            with pytest.raises(ConnectionNotFound):
                await stored.connections.history(patient, connection_id)
        assert await stored.connections.find(BEN, OURA) is None


class TestHistory:
    async def test_newest_event_comes_first(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(a_listing()))
        stored.clock.advance(minutes(1))
        broken = a_listing(status="error", error_type="user_not_found")
        await stored.connections.record(
            a_report(broken, asked=stored.clock.monotonic(), request_id=RequestId("request-2"))
        )

        history = await stored.connections.history(ANNA, opened.id)

        assert [event.outcome for event in history] == [Status.ERROR, Status.CONNECTED]
        assert [event.request_id for event in history] == ["request-2", "request-1"]
        assert [event.at for event in history] == [NOW + minutes(1), NOW]
        assert [event.error_type for event in history] == ["user_not_found", None]
        assert {(event.patient_id, event.provider) for event in history} == {(ANNA, OURA)}
        assert {(event.connection_id, event.cause) for event in history} == {
            (opened.id, Cause.EXCHANGE)
        }
        assert len({event.id for event in history}) == 2

    async def test_looking_again_leaves_no_event(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(a_listing()))
        stored.clock.advance(minutes(1))

        await stored.connections.record(a_report(a_listing(), asked=stored.clock.monotonic()))

        assert len(await stored.connections.history(ANNA, opened.id)) == 1

    async def test_refusal_leaves_no_event(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        opened = await stored.connections.record(a_report(a_listing()))

        with pytest.raises(ProviderMismatch):
            await stored.connections.record(a_report(a_listing("garmin"), provider=GARMIN))

        assert len(await stored.connections.history(ANNA, opened.id)) == 1


class TestOrder:
    async def test_history_of_one_instant_is_in_the_order_of_its_writes(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        words = ["connected", "linking", "error", "paused"]  # each less connected: each wins
        reports = [a_report(a_listing(status=word)) for word in words]

        [row, *_] = await asyncio.gather(*map(stored.connections.record, reports))

        history = await stored.connections.history(ANNA, row.id)
        assert [event.outcome for event in reversed(history)] == [
            Status.CONNECTED,
            Status.PENDING,
            Status.ERROR,
            Status.DISCONNECTED,
        ]

    async def test_connections_of_one_instant_are_in_the_order_of_their_writes(
        self, stored: Stored
    ) -> None:
        names = [f"provider_{n}" for n in range(20)]
        for name in names:
            await stored.ledger.enter(a_mint(digest=a_digest(name)))
        reports = [
            a_report(a_listing(name), provider=ProviderName(name), token=a_digest(name))
            for name in names
        ]

        await asyncio.gather(*map(stored.connections.record, reports))

        listed = await stored.connections.list_for(ANNA)
        assert [connection.provider for connection in listed] == names


class TestRaces:
    async def test_twenty_writers_of_one_row_are_all_joined(self, stored: Stored) -> None:
        digests = [a_digest(str(n)) for n in range(20)]
        for digest in digests:
            await stored.ledger.enter(a_mint(digest=digest))
        reports = [
            replace(a_report(a_listing(created_on=NOW - minutes(n))), token=digest, asked=-n)
            for n, digest in enumerate(digests)
        ]

        answers = await asyncio.gather(*map(stored.connections.record, reports))

        assert len({answer.id for answer in answers}) == 1
        [row] = await stored.connections.list_for(ANNA)
        assert row.facts.seen.asked_at == NOW
        assert row.connected_at == NOW
        entries = [await stored.ledger.find(digest) for digest in digests]
        assert {entry.bound_to for entry in entries if entry} == {OURA}
        assert len(await stored.connections.history(ANNA, row.id)) == 20

    async def test_one_token_raced_for_two_providers_has_one_winner(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        reports = [
            a_report(a_listing(provider), provider=ProviderName(provider))
            for provider in ("oura", "garmin") * 10
        ]

        answers = await asyncio.gather(
            *map(stored.connections.record, reports), return_exceptions=True
        )

        entry = await stored.ledger.find(a_digest())
        assert entry is not None
        [row] = await stored.connections.list_for(ANNA)
        assert row.provider == entry.bound_to
        lost = [answer for answer in answers if isinstance(answer, BaseException)]
        assert [type(error) for error in lost] == [ProviderMismatch] * 10

    async def test_patients_who_write_at_once_do_not_meet(self, stored: Stored) -> None:
        patients = [PatientId(f"patient-{n}") for n in range(50)]

        async def link(patient: PatientId) -> None:
            digest, user = a_digest(patient), JunctionUserId(f"user-of-{patient}")
            await stored.ledger.enter(
                a_mint(digest=digest, patient_id=patient, junction_user_id=user)
            )
            await stored.connections.record(
                a_report(a_listing(), patient_id=patient, junction_user_id=user, token=digest)
            )

        await asyncio.gather(*map(link, patients))

        for patient in patients:
            [row] = await stored.connections.list_for(patient)
            assert row.junction_user_id == f"user-of-{patient}"

    async def test_writer_who_gives_up_cancels_nothing(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        writing = asyncio.create_task(stored.connections.record(a_report(a_listing())))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

        digest = a_digest("another")
        await stored.ledger.enter(a_mint(digest=digest))  # waits for what came before it
        assert await stored.connections.find(ANNA, OURA) is not None
