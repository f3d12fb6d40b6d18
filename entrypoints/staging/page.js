// The front page of staging: what is shown when it opens, and what each button does.

import { byId, say } from "./elements.js";
import { comeBack, currentStep, exchange, isToBeExchanged, mint, showJourney } from "./journey.js";
import { showRequests } from "./requests.js";
import { forgetAll, session, turnTo } from "./session.js";
import { showSeen, stopWatching, watch } from "./watch.js";

const BEARABLE = /^[!-~]+$/; // what a bearer token may hold (RFC 9110, 11.4)
const NO_SEGMENT = /^\.\.?$/; // what no path can hold as a name (RFC 3986, 5.2.4)
const UNFIT = "Name a patient, in unaccented letters, digits and signs without spaces; not . or .. alone.";

const patient = byId("patient");
const provider = byId("provider");

let busy = false;

/** One thing at a time: a button that is pressed twice does its work once. */
const alone = (work) => async (event) => {
  event?.preventDefault();
  if (busy) return;
  busy = true;
  patient.readOnly = true; // an answer must not come to another than who asked
  try {
    await work();
  } finally {
    busy = false;
    patient.readOnly = false;
  }
};

function show() {
  showJourney();
  showSeen();
  showRequests();
}

function showPatient() {
  patient.value = session.patient;
  provider.value = session.provider;
  say(byId("bearer"), `staging.${session.patient}`);
}

function isNamed() {
  const fits = BEARABLE.test(patient.value) && !NO_SEGMENT.test(patient.value);
  patient.setAttribute("aria-invalid", String(!fits));
  say(byId("patient-problem"), fits ? "" : UNFIT);
  return fits;
}

async function start() {
  if (!isNamed()) {
    patient.focus();
    return;
  }
  turnTo(patient.value); // a browser may have restored it, and told nobody
  const goes = await mint(provider.value);
  show();
  if (goes) {
    await stopWatching(); // else the browser would cut a question off
    location.assign(session.minted.link_web_url);
  } else if (isToBeExchanged()) {
    await finish();
  } else {
    void watch();
  }
}

async function finish() {
  await exchange();
  show();
  byId(`heading-${currentStep()}`).focus();
  void watch();
}

byId("mint").addEventListener("submit", alone(start));
byId("exchange").addEventListener("click", alone(async () => {
  await exchange();
  show();
  void watch();
}));
byId("another").addEventListener("click", alone(async () => {
  forgetAll();
  showPatient();
  isNamed();
  show();
  patient.focus();
}));
patient.addEventListener("input", () => {
  turnTo(patient.value);
  say(byId("bearer"), `staging.${patient.value}`);
  show();
  void watch();
  if (patient.getAttribute("aria-invalid") === "true") isNamed();
});
// Back from Link by the browser's own button: a page that was kept has stopped asking.
addEventListener("pageshow", ({ persisted }) => persisted && void watch());

const query = new URLSearchParams(location.search);
if (query.has("state")) {
  comeBack(query);
  history.replaceState(null, "", location.pathname); // a reload must not tell it again
}
showPatient();
show();
if (isToBeExchanged()) {
  void alone(finish)();
} else {
  if (session.cameBack) byId(`heading-${currentStep()}`).focus();
  void watch();
}
