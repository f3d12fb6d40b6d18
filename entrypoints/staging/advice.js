// What to do about each error, for who sits before this page; for callers it is docs/errors.md.

import { element } from "./elements.js";

const MINT_ANEW = "Mint a new link token, and link again.";
const SOON = "Try again: nothing was stored, and repeating it is safe.";
const WHOEVER_RUNS_IT = "Whoever runs this service has to mend it.";

const ADVICE = {
  no_answer: "Is the service running? Try again once it is.",
  validation_error: "Mend what the message names, and send it again.",
  invalid_link_token: MINT_ANEW,
  link_token_expired: MINT_ANEW,
  provider_mismatch: "Leave the provider out, or name the one that the token was minted for.",
  provider_undetermined: "Open Link and connect a provider, then exchange the token again.",
  unauthenticated: "Choose a patient, and try again.",
  invalid_token: "Choose another patient, and try again.",
  patient_required: "Choose another patient, and try again.",
  not_found: "It is no longer there. Start with another patient.",
  still_connected: "Junction keeps it connected, as an app on the phone does: end it there.",
  junction_unavailable: SOON,
  junction_timeout: SOON,
  junction_rate_limited: "Junction wants fewer requests. Try again later.",
  junction_rejected_credentials: `Junction refused the service’s key. ${WHOEVER_RUNS_IT}`,
  junction_bad_response: `Try again. If it stays: a sandbox has room for 50 users. ${WHOEVER_RUNS_IT}`,
  storage_unavailable: "Try again: it is not known whether this was stored, and repeating it is safe.",
  overloaded: "Try again: nothing was done.",
  shutting_down: "Try again once the service is back.",
};

/** Show a failure with what to do next, or that there is none. */
export function showFailure(target, failure) {
  const shown = failure ? JSON.stringify(failure) : "";
  if (target.dataset.shown === shown) return;
  target.dataset.shown = shown;
  target.replaceChildren(...(failure ? explained(failure) : []));
}

/** What of an error is kept and shown. */
export function failureOf({ message, code, retryAfter = null, requestId = null }) {
  return { message, code, retryAfter, requestId };
}

function explained({ message, code, retryAfter, requestId }) {
  const next = ADVICE[code] ?? "Try again. If it stays, the log says why.";
  const wait = retryAfter ? ` Wait ${retryAfter} s first.` : "";
  const lines = [
    element("p", {}, element("strong", {}, message), " ", element("code", {}, code)),
    element("p", {}, next + wait),
  ];
  if (requestId) {
    lines.push(element("p", { className: "hint" }, "In the service’s log: ", element("code", {}, requestId)));
  }
  return lines;
}
