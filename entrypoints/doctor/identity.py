"""Whether there is an authority on bearer tokens, and whether it answers us."""

from typing import Final

from domain.errors import IdentityUnavailable, InvalidToken
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, red, yellow
from entrypoints.doctor.variables import IDENTITY, unread, wrong
from ports.identity import BearerToken

_FEWEST: Final = 16  # characters: fewer can be guessed

# Nobody's. By its form a signed token, so that keys are fetched to check it: {"alg": "RS256",
# "kid": "wearable-link-doctor"}, nothing claimed, and a signature that is none.
_MADE_UP: Final = BearerToken(
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogIndlYXJhYmxlLWxpbmstZG9jdG9yIn0.e30.bm9uZQ"
)


async def settings(examined: Examined) -> Finding:
    if problems := examined.problems_of(*IDENTITY):
        return wrong(problems)
    identity = examined.settings.identity
    if identity.kind == "staging":
        return green("staging: anyone is the patient they say")
    if identity.kind == "introspection" and len(identity.client_secret.reveal()) < _FEWEST:
        return yellow(
            f"INTROSPECTION_CLIENT_SECRET has fewer than {_FEWEST} characters",
            "let the authority give this client a longer one",
        )
    if identity.kind == "jwt" and not identity.issuer.startswith("https://"):
        return yellow(
            "JWT_ISSUER does not begin with https://",
            "see that it is, letter by letter, what the tokens' `iss` says (RFC 9068, 4)",
        )
    return green(f"{identity.kind}, with all that it needs")


async def endpoint(examined: Examined) -> Finding:
    """A made-up token is shown to the service's own adapter: it has to be asked about, and no."""
    if said := unread(examined, IDENTITY):
        return said
    if examined.settings.identity.kind == "staging":
        return green("staging asks nobody")
    container = examined.container
    name = {"introspection": "INTROSPECTION_URL", "jwt": "JWT_JWKS_URL"}[
        examined.settings.identity.kind
    ]
    async with container.identity_session():
        try:
            await container.identity().authenticate(_MADE_UP)
        except InvalidToken:
            return green("the authority answers, and does not know a made-up token")
        except IdentityUnavailable as error:
            return _unavailable(name, error.__cause__)
    return red("a made-up token was believed", f"see what {name} leads to, before anything else")


def _unavailable(name: str, cause: BaseException | None) -> Finding:
    if cause is None:
        return red(
            "the authority answers, but not as it should",
            f"see {name} and this service's credentials there; the log above has the status",
        )
    return red(
        f"no usable answer from the authority: {type(cause).__name__}",
        f"see {name}, and that the way there is open",
    )
