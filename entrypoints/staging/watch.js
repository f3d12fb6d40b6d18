// What the service says of the patient's connections, asked again while somebody looks: within a
// second while something happens, and the less often the longer nothing did.

import { failureOf, showFailure } from "./advice.js";
import { ACTED, openHistories, showConnections, showWebhooks } from "./connections.js";
import { byId, named } from "./elements.js";
import { showRequests } from "./requests.js";
import { CONNECTIONS, JUNCTION, SIMULATED, send } from "./sent.js";
import { keep, session } from "./session.js";

const SHORTEST = 1000; // milliseconds from an answer to the next question
const LONGEST = 15000;
const EVENTS = 20;

const NOTHING = { connections: [], histories: {}, messages: [] };

let timer = null;
let happened = 0; // when somebody did something last, or an answer was new
let looking = Promise.resolve();
let stopped = false;

/** Look now, and then again and again while the page is seen and a token was minted. */
export function watch() {
  stopped = false;
  return atOnce();
}

/** Look no more; resolves once nothing is asked any more, so that the page can be left. */
export async function stopWatching() {
  stopped = true;
  clearTimeout(timer);
  await looking;
}

/** Somebody is here, or did something: look at once, and often from now on. */
function atOnce() {
  happened = Date.now();
  return again();
}

/** A tenth of the time that nothing has happened. */
const pause = () => Math.min(Math.max((Date.now() - happened) / 10, SHORTEST), LONGEST);

/** Once more, after what is under way: its answer may be older than what made us ask. */
function again() {
  clearTimeout(timer);
  looking = looking.then(look).finally(() => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(again, pause());
  });
  return looking;
}

/** What was seen last, if anything. */
export function showSeen() {
  const { connections, histories, messages } = session.seen ?? NOTHING;
  showConnections(connections, histories);
  showWebhooks(messages);
  showFailure(byId("watch-failure"), null);
}

async function look() {
  if (stopped || document.hidden || !session.minted) return;
  const { patient } = session;
  try {
    const seen = await ask(patient);
    if (patient !== session.patient || !session.minted) return; // another was chosen meanwhile
    if (JSON.stringify(seen) !== JSON.stringify(session.seen)) happened = Date.now();
    keep({ seen });
    showSeen();
  } catch (error) {
    if (error.code === undefined) reportError(error); // a defect of this page
    else if (patient === session.patient) showFailure(byId("watch-failure"), failureOf(error));
  } finally {
    showRequests();
  }
}

async function ask(patient) {
  const { connections } = await send("List the connections", "GET", CONNECTIONS, {
    patient, key: `list ${patient}`,
  });
  const histories = {};
  for (const { id, provider } of connections.filter(openHistories)) {
    const path = `${CONNECTIONS}/${id}/events?limit=${EVENTS}`;
    const { events } = await send(`History of ${named(provider)}`, "GET", path, { patient, key: `history ${id}` });
    histories[id] = events;
  }
  if (!SIMULATED) return { connections, histories, messages: [] };
  const path = `${JUNCTION}/users/${encodeURIComponent(patient)}/webhooks`;
  const { messages } = await send("Simulator: its webhooks", "GET", path, { key: `webhooks ${patient}` });
  return { connections, histories, messages };
}

const onReturn = () => {
  if (!document.hidden && !stopped) void atOnce();
};

document.addEventListener(ACTED, () => void atOnce());
document.addEventListener("visibilitychange", onReturn);
addEventListener("focus", onReturn); // from a terminal beside it, say, where something was done
