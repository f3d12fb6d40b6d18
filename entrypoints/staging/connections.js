// A card for each connection, with its history and what can be done to it.

import { failureOf, showFailure } from "./advice.js";
import { announce, byId, element, moment, named, say } from "./elements.js";
import { CONNECTIONS, JUNCTION, SIMULATED, send } from "./sent.js";
import { session } from "./session.js";

/** The event that something was done after which it is worth while to look again. */
export const ACTED = "acted";

const CAUSES = {
  exchange: "Exchange",
  read: "Read",
  webhook: "Webhook",
  disconnect: "Disconnect",
  reconcile: "Reconciliation",
};

const cards = new Map();

/** Whose history somebody looks at. */
export const openHistories = ({ id }) => cards.get(id)?.history.open ?? true;

export function showConnections(connections, histories) {
  const wanted = new Set(connections.map(({ id }) => id));
  for (const id of [...cards.keys()].filter((each) => !wanted.has(each))) remove(id);
  byId("watch-outcome").hidden = connections.length > 0;
  for (const connection of connections) {
    const { id } = connection;
    if (!cards.has(id)) add(connection);
    update(cards.get(id), connection);
    if (histories[id]) showHistory(cards.get(id), histories[id]);
  }
}

export function showWebhooks(messages) {
  byId("webhooks").hidden = messages.length === 0;
  const lines = [...messages].reverse().map(({ event, state, last_status: answered }) => [
    event, answered === null ? state : `${state}, answered ${answered}`,
  ]);
  showLines(byId("webhook-list"), lines);
}

function remove(id) {
  cards.get(id).card.remove();
  cards.delete(id);
}

function add(connection) {
  const title = element("h4", { tabIndex: -1 }, named(connection.provider));
  const status = element("span", { className: "status" });
  const facts = ["Connected at", "Data last arrived", "Junction user", "Connection"].map((term) => [
    element("dt", {}, term), element("dd"),
  ]);
  const lines = element("ol", { className: "lines" });
  const history = element("details", { open: true }, element("summary", {}, "History"), lines);
  const actions = element("div", { className: "actions" });
  const failure = element("div", { className: "failure" });
  failure.setAttribute("role", "alert");
  const card = element(
    "article", { className: "card" },
    element("div", { className: "top" }, title, status),
    element("dl", { className: "facts" }, ...facts.flat()),
    actions, failure, history,
  );
  const made = { card, title, status, facts, lines, history, actions, failure, connection: null };
  history.addEventListener("toggle", acted);
  addActions(made);
  cards.set(connection.id, made);
  byId("connections").append(card);
}

function addActions(made) {
  if (SIMULATED) {
    made.data = button(made, "Let data arrive", () => sendData(made.connection));
    made.turn = button(made, "", () => turn(made.connection));
  }
  button(made, "Disconnect", () => disconnect(made.connection));
}

function button(made, label, act) {
  const added = element("button", { type: "button", className: "small" }, label);
  added.addEventListener("click", async () => {
    try {
      await act();
      showFailure(made.failure, null);
    } catch (error) {
      if (error.code === undefined) throw error; // a defect of this page
      showFailure(made.failure, failureOf(error));
    }
    acted();
  });
  made.actions.append(added);
  return added;
}

function update(made, connection) {
  const { provider, status, connected_at: since, last_synced_at: synced } = connection;
  const before = made.connection?.status;
  made.connection = connection;
  made.status.dataset.status = status;
  say(made.status, status);
  const values = [moment(since), moment(synced), connection.junction_user_id, connection.id];
  made.facts.forEach(([, value], place) => say(value, values[place]));
  if (made.turn) {
    say(made.turn, { connected: "Let it fail", error: "Let it recover" }[status] ?? "Let it connect");
    const isNext = connection.id === session.exchanged?.id; // what is to be done with the others can wait
    made.data.classList.toggle("main", isNext && status === "connected");
    made.turn.classList.toggle("main", isNext && status !== "connected");
  }
  const ended = status === "disconnected";
  if (ended && made.actions.contains(document.activeElement)) made.title.focus();
  made.actions.hidden = ended;
  if (before !== undefined && before !== status) announce(`${named(provider)} is now ${status}.`);
}

function showHistory(made, events) {
  const lines = events.map(({ at, cause, status, error_type: why }) => [
    `${CAUSES[cause] ?? cause}: ${status}${why ? `, ${why}` : ""}`, moment(at),
  ]);
  showLines(made.lines, lines);
}

function showLines(list, lines) {
  const shown = JSON.stringify(lines);
  if (list.dataset.shown === shown) return;
  list.dataset.shown = shown;
  list.replaceChildren(...lines.map(([what, how]) => (
    element("li", {}, element("span", {}, what), element("span", { className: "how" }, how))
  )));
}

function acted() {
  document.dispatchEvent(new Event(ACTED));
}

function disconnect({ id, provider }) {
  return send(`Disconnect ${named(provider)}`, "DELETE", `${CONNECTIONS}/${id}`, { patient: session.patient });
}

async function sendData({ provider }) {
  const [slug] = await slugsOf(provider);
  const body = { resource: "sleep" };
  await send("Simulate: data arrive", "POST", `${ofPatient()}/providers/${slug}/data`, { body });
}

async function turn({ provider, status }) {
  const fails = status === "connected";
  const body = fails ? { status: "error", error_type: "token_refresh_failed" } : { status: "connected" };
  const title = fails ? "Simulate: the provider fails" : "Simulate: it is connected";
  for (const slug of await slugsOf(provider)) {
    await send(title, "PUT", `${ofPatient()}/providers/${slug}`, { body });
  }
}

/** What the simulated Junction calls it: one provider may be linked under several slugs. */
async function slugsOf(provider) {
  const { providers } = await send("Simulator: what it lists", "GET", `${ofPatient()}/providers`);
  const slugs = providers.filter((row) => row.provider === provider).map(({ slug }) => slug);
  return slugs.length ? slugs : [provider];
}

const ofPatient = () => `${JUNCTION}/users/${encodeURIComponent(session.patient)}`;
