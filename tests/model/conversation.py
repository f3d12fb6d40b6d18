"""Asks the service, and holds each answer against the rules."""

from typing import Any, Final, Protocol

from tests.asgi import Answer
from tests.http.calls import CONNECTIONS
from tests.model.asking import NOTHING, Asking, Said, Seen, outcome, within
from tests.model.service import Request, Service
from tests.model.trouble import Trouble
from tests.model.upkeep import Forgetting
from tests.model.witness import Witness

_CHOSEN_BY_THE_SERVICE: Final = {"link_token", "link_web_url"}


class Struck(Protocol):
    """The answer of a request, if it came before the blow that falls after so many steps."""

    def __call__(self, request: Request, *, steps: int) -> Answer | None: ...


class Conversation:
    def __init__(self, service: Service, witness: Witness) -> None:
        self._service = service
        self._witness = witness
        self._junction = service.junction

    def ask(self, asking: Asking, trouble: Trouble = Trouble.NONE) -> Answer:
        self._begin()
        request = asking.send(self._service)
        [answer] = self._service.answers(request, trouble=trouble)
        self._see(answer, asking, trouble)
        return answer

    def ask_until_struck(self, asking: Asking, struck: Struck, steps: int) -> None:
        """What was not answered by then has happened or has not.

        It writes once, or twice if the token is from elsewhere: the first may be all there was.
        """
        self._begin()
        answer = struck(asking.send(self._service), steps=steps)
        if answer is not None:
            self._see(answer, asking, Trouble.NONE)
            return
        self._witness.wonders(
            lambda world: outcome(asking, world, self._before),
            lambda world: outcome(asking, world, self._before, Trouble.ANSWER_LOST),
        )

    def ask_at_once(self, one: Asking, other: Asking) -> None:
        """Two that are sent together are answered as if one had come after the other."""
        self._begin()
        service = self._service
        answers = service.answers(one.send(service), other.send(service))
        self._witness.sees(
            [self._read(answer) for answer in answers],
            lambda world: [outcome(each, world, self._before) for each in (one, other)],
            lambda world: [outcome(each, world, self._before) for each in (other, one)][::-1],
        )

    def ask_within(self, outer: Asking, inner: Asking) -> Answer | None:
        """The inner is asked while Junction's answer to the outer is on its way, if it was asked.

        What Junction answers the outer is what it listed before; the answer is the inner's.
        """
        self._begin()
        service, listed = self._service, self._before.rows_of
        answer, other = service.answers_within(outer.send(service), inner.send(service))
        seen = self._read(answer), other and self._read(other)
        said = _said(other) if other else NOTHING
        self._witness.sees(
            seen, lambda world: within(outer, inner, world, self._junction, listed, said)
        )
        return other

    def forget(self, forgetting: Forgetting, trouble: Trouble) -> None:
        """If it worked, the patient's connections will have other ids, should there be any."""
        answer = self.ask(forgetting, trouble)
        if answer.status == 0 or trouble is Trouble.ANSWER_LOST:
            self._witness.forgets(forgetting.patient)

    def look_at(self, patient: str, number: int) -> None:
        """At one that anyone was ever told of, if there are so many."""
        known = self._witness.ids
        if number >= len(known):
            return
        owner, name, id_ = known[number]
        look = self._service.client.get(f"{CONNECTIONS}/{id_}", patient=patient)
        [answer] = self._service.answers(look)
        self._witness.sees(
            self._read(answer),
            lambda world: (
                (200, world.connection(owner, name)) if owner == patient else (404, "not_found")
            ),
        )

    def list_everything(self, patient: str) -> None:
        [answer] = self._service.answers(self._service.client.get(CONNECTIONS, patient=patient))
        listed = [self._with_history(each) for each in answer.json["connections"]]
        self._witness.sees(listed, lambda world: world.list_for(patient))

    def _begin(self) -> None:
        """What is asked may change what Junction lists, but not what it had listed before."""
        self._junction.asked = 0
        self._before = Seen(self._junction, self._junction.at_this_moment())
        self._witness.begin(self._service.clock.now())

    def _see(self, answer: Answer, asking: Asking, trouble: Trouble) -> None:
        asked = self._junction.asked
        self._witness.sees(
            (*self._read(answer), f"Junction was asked {asked} times"),
            lambda world: (
                *outcome(asking, world, self._before, trouble, _said(answer)),
                f"Junction was asked {world.asked} times",
            ),
        )

    def _with_history(self, connection: dict[str, Any]) -> tuple[object, tuple[str, ...]]:
        id_ = connection["id"]
        history = self._service.history(connection["patient_id"], id_)
        self._witness.remembers(id_, [event_id for event_id, _ in history])
        return self._witness.knows(connection), tuple(outcome for _, outcome in history)

    def _read(self, answer: Answer) -> tuple[int, object]:
        said = _said(answer)
        if answer.status >= 400:
            assert said.keys() == {"error", "message"}
            return answer.status, said["error"]
        if "id" in said:
            return answer.status, self._witness.knows(said)
        if answer.status != 201:
            return answer.status, said
        assert said.keys() == {"expires_at", *_CHOSEN_BY_THE_SERVICE}
        return answer.status, {"expires_at": said["expires_at"]}


def _said(answer: Answer) -> Said:
    return answer.json if answer.body else {}
