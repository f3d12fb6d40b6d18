// From a patient to a connection: mint, Link, exchange. Each step keeps what it came to.

import { failureOf, showFailure } from "./advice.js";
import { announce, byId, moment, named, say } from "./elements.js";
import { JUNCTION, SIMULATED, send } from "./sent.js";
import { keep, session } from "./session.js";

const PHONE = "apple_health_kit"; // links through the phone, never through Link
const STEPS = ["patient", "link", "exchange", "watch"];

/** Mint a link token. Whether the browser shall now go to Link. */
export async function mint(provider) {
  const { patient } = session;
  keep({ provider, minted: null, cameBack: null, exchanged: null, failures: {} });
  const body = { redirect_url: `${location.origin}/` };
  if (provider && provider !== PHONE) body.provider = provider;
  await attempt("mint", async () => {
    keep({ minted: await send("Mint a link token", "POST", "/v1/wearables/link/token", { patient, body }) });
    if (provider === PHONE && SIMULATED) await connectOnThePhone(patient);
  });
  return Boolean(session.minted?.link_web_url) && provider !== PHONE;
}

/** Exchange the token; the same one again answers the same connection. */
export async function exchange() {
  const { patient, provider, minted } = session;
  const body = { link_token: minted.link_token };
  if (provider === PHONE) body.provider = provider;
  await attempt("exchange", async () => {
    const path = "/v1/wearables/link/exchange";
    keep({ exchanged: await send("Exchange the link token", "POST", path, { patient, body }) });
    const { provider: linked, status } = session.exchanged;
    announce(`Exchanged: ${named(linked)} is ${status}.`);
  });
}

/** What Link said when it sent the browser back here. */
export function comeBack(query) {
  if (!session.minted) return;
  const [state, errorType, error] = ["state", "error_type", "error"].map((name) => query.get(name));
  keep({ cameBack: { state, errorType, error }, exchanged: null, failures: {} });
}

/** Link has worked, and its token was not exchanged yet. */
export const isToBeExchanged = () => session.cameBack?.state === "success" && !session.exchanged;

/** What the exchange last answered is no connection that works. */
const hasEnded = () => session.exchanged?.status !== "connected";

export function currentStep() {
  if (session.exchanged) return "watch";
  if (session.cameBack?.state === "success") return "exchange";
  return session.minted ? "link" : "patient";
}

export function showJourney() {
  const current = STEPS.indexOf(currentStep());
  STEPS.forEach((step, place) => {
    const item = byId(`step-${step}`);
    item.classList.toggle("done", place < current && !(step === "exchange" && hasEnded()));
    if (place === current) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
  showFailure(byId("mint-failure"), session.failures.mint);
  showFailure(byId("exchange-failure"), session.failures.exchange);
  say(byId("link-outcome"), linkOutcome());
  say(byId("exchange-outcome"), exchangeOutcome());
  const { minted, cameBack } = session;
  const open = byId("open-link");
  open.hidden = !minted?.link_web_url || session.provider === PHONE || cameBack?.state === "success";
  if (!open.hidden) open.href = minted.link_web_url;
  const again = byId("exchange");
  again.disabled = !minted;
  say(again, session.exchanged ? "Exchange again" : "Exchange");
  const starts = byId("start");
  const next = { patient: starts, link: open.hidden ? again : open, exchange: again }[currentStep()];
  for (const each of [starts, open, again]) each.classList.toggle("main", each === next);
}

async function connectOnThePhone(patient) {
  const path = `${JUNCTION}/users/${encodeURIComponent(patient)}/providers/${PHONE}`;
  await send("Simulate: the phone connects", "PUT", path, { body: { status: "connected" } });
  keep({ cameBack: { state: "success", errorType: null, error: null } });
}

async function attempt(step, work) {
  keep({ failures: { ...session.failures, [step]: null } });
  try {
    await work();
  } catch (error) {
    if (error.code === undefined) throw error; // a defect of this page
    keep({ failures: { ...session.failures, [step]: failureOf(error) } });
  }
}

function linkOutcome() {
  const { minted, cameBack, provider } = session;
  if (!minted) return "Not opened yet. Connect a provider there, or let it fail; Link sends you back here.";
  if (cameBack?.state === "success") {
    return provider === PHONE ? "Connected on the phone, where no Link is needed." : "Link came back: success.";
  }
  if (cameBack) {
    const why = [cameBack.errorType, cameBack.error].filter(Boolean).join(": ");
    return `Link came back without a connection (${why || "it did not say why"}). Its token can be used again.`;
  }
  if (provider === PHONE) return "Apple Health links through the app on the phone, never through Link. Link there, then exchange.";
  if (!minted.link_web_url) return "Junction named no page for Link. Open its widget with the token, then exchange.";
  return `The token is good for Link until ${moment(minted.expires_at)}. Link sends you back here.`;
}

function exchangeOutcome() {
  const { exchanged } = session;
  if (!exchanged) return "Happens by itself once Link reports success. The same token again answers the same connection.";
  const { provider, status, id } = exchanged;
  const said = status === "disconnected" ? "Stored, and ended since" : "Stored";
  return `${said}: ${named(provider)}, ${status}, as ${id}.`;
}
