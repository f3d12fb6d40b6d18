"""Who a bearer token speaks for, and whether they may ask."""

from dataclasses import dataclass

from domain.errors import InsufficientScope, PatientRequired
from domain.identifiers import PatientId, parse_patient_id

_ANYTHING = "admin:*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """What the authority said of a token.

    `subject` is the claim that names the patient; `client` the program that was given the token.
    """

    subject: str | None
    client: str | None = None
    scopes: frozenset[str] = frozenset()

    def patient(self, *, required_scope: str | None) -> PatientId:
        """The patient who asks.

        Raises:
            InsufficientScope: the token has not been granted `required_scope`.
            PatientRequired: it names nobody, or the client itself.
            InvalidToken: nobody can be called what it names.

        """
        if required_scope and not self._may(required_scope):
            raise InsufficientScope(required_scope)
        if self.subject is None or self.subject == self.client:
            raise PatientRequired
        return parse_patient_id(self.subject)

    def _may(self, required: str) -> bool:
        """`manage:x` is all of x, and `admin:*` everything (the platform's scopes)."""
        _, _, resource = required.partition(":")
        return not self.scopes.isdisjoint({required, f"manage:{resource}", _ANYTHING})
