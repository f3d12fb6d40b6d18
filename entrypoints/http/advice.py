"""What a caller should do about each error: what to mend, whether to ask again, whom to tell.

For the API document alone. An answer does not repeat it: its `error` is what to look it up by.
"""

from typing import Final

from domain import errors, junction_errors
from entrypoints.http import failures

_MINT_ANEW: Final = (
    "The same token will not do better: mint a new link token and let the patient link again."
)
_WHEN_TOLD: Final = (
    "Send the same request again after the seconds in `Retry-After`; repeating it is safe."
)

ADVICE: Final[dict[type[errors.LinkingError], str]] = {
    errors.ValidationError: (
        "Do not repeat it as it is. Mend what `message` names, and send it again."
    ),
    errors.InvalidLinkToken: _MINT_ANEW,
    errors.LinkTokenExpired: _MINT_ANEW,
    errors.ProviderMismatch: (
        "Send it again without `provider`, or with the one that the token was minted or "
        "exchanged for."
    ),
    errors.ProviderUndetermined: (
        "Send it again once the Link widget reports success; or with `provider`, as where a link "
        "that existed was renewed."
    ),
    errors.Unauthenticated: "Send it again with `Authorization: Bearer <token>`.",
    errors.InvalidToken: (
        "Get a new bearer token from whoever signs patients in, and send it again with that."
    ),
    errors.InsufficientScope: (
        "Ask for a bearer token with the scope that `WWW-Authenticate` names; the same token is "
        "refused again."
    ),
    errors.PatientRequired: (
        "Send it again with a patient's bearer token; a program's own is refused again."
    ),
    errors.IdentityUnavailable: (
        f"{_WHEN_TOLD} The bearer token was neither believed nor refused: keep it."
    ),
    errors.ConnectionNotFound: (
        "Do not repeat it. List the patient's connections to see which there are."
    ),
    errors.StillConnected: (
        "Tell the patient to end it where it lives, in the app on the phone; then send it again."
    ),
    errors.StorageUnavailable: (
        f"{_WHEN_TOLD} It is not known whether this one was stored: the next answer says."
    ),
    errors.StorageOutdated: "Tell whoever runs this service to run `wearable-link migrate`.",
    junction_errors.JunctionUnavailable: (
        "Send the same request again, after the seconds in `Retry-After` where it is sent, else "
        "after one second and then ever more slowly; repeating it is safe."
    ),
    junction_errors.JunctionTimeout: (
        "Send the same request again after a second, and then ever more slowly; repeating it is "
        "safe."
    ),
    junction_errors.JunctionRateLimited: _WHEN_TOLD,
    junction_errors.JunctionRejectedCredentials: (
        "Do not repeat it. Tell whoever runs this service: its Junction key is wrong."
    ),
    junction_errors.JunctionBadResponse: (
        "Send the same request again once. If the answer stays, tell whoever runs this service, "
        "with the answer's `X-Request-Id`."
    ),
    failures.InvalidSignature: (
        "Sign the raw body with a live secret and the time of now, and send it again. If it is "
        "refused again, compare secrets and clocks with whoever runs this service."
    ),
    failures.RouteNotFound: "Do not repeat it. The addresses that there are stand in `paths`.",
    failures.MethodNotAllowed: "Do not repeat it. The answer's `Allow` says what is taken here.",
    failures.RequestTimeout: (
        "Send it again without pauses: the headers within 10 seconds, the body within 20. Nothing "
        "was done."
    ),
    failures.PayloadTooLarge: (
        "Do not repeat it. A body has at most 64 KiB, that of a webhook 512 KiB."
    ),
    failures.UnsupportedMediaType: "Send it again with `Content-Type: application/json`.",
    failures.HeadersTooLarge: (
        "Do not repeat it. The request line and the headers have at most 16 KiB together."
    ),
    failures.InternalError: (
        "A defect of ours: tell whoever runs this service, with the answer's `X-Request-Id`. "
        "Repeating it is safe, and may do no better."
    ),
    failures.WebhooksNotConfigured: (
        "Tell whoever runs this service to set `JUNCTION_WEBHOOK_SECRETS`, and send the same "
        "message again later."
    ),
    failures.Overloaded: f"{_WHEN_TOLD} Nothing was done.",
    failures.ShuttingDown: f"{_WHEN_TOLD} Use a new connection.",
}


def advice_on(error: type[errors.LinkingError]) -> str:
    """What to do about an error of that class, or else of the nearest of its bases."""
    return next(ADVICE[base] for base in error.__mro__ if base in ADVICE)
