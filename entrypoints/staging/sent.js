// Requests to the service, each entered with its answer as it was sent and received.

import { enter, keep, session } from "./session.js";

export const SIMULATED = document.documentElement.dataset.junction === "simulated";
export const JUNCTION = "/junction/_simulator"; // where a simulated one takes orders
export const CONNECTIONS = "/v1/wearables/connections";

/** What was answered, or that nothing was; `path` is below this page's own origin. */
export class Refused extends Error {
  constructor({ status, code, message, retryAfter, requestId }) {
    super(message);
    Object.assign(this, { status, code, retryAfter, requestId });
  }
}

/**
 * Send it as the patient, or to the simulator as nobody. Resolves to the body of a good answer.
 * With a `key` it is one that repeats itself: the list of requests shows the last of them.
 */
export async function send(title, method, path, { body, patient, key } = {}) {
  const headers = {};
  if (patient !== undefined) headers.Authorization = `Bearer staging.${patient}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = { title, method, path, headers, body: text, key: key ?? null, whose: session.patient };
  let response;
  let answer;
  try {
    response = await fetch(path, { method, headers, body: text, cache: "no-store" });
    answer = await response.text();
  } catch {
    record(request, 0, "");
    throw new Refused({
      status: 0, code: "no_answer", message: "The service did not answer.", retryAfter: null, requestId: null,
    });
  }
  record(request, response.status, answer);
  const read = decoded(answer);
  if (response.ok) return read;
  throw new Refused({
    status: response.status,
    code: read?.error ?? "unexpected_answer",
    message: read?.message ?? read?.detail ?? `The answer was ${response.status}.`,
    retryAfter: response.headers.get("Retry-After"),
    requestId: response.headers.get("X-Request-Id"),
  });
}

/** The request as README.md writes it. */
export function curl({ method, path, headers, body }) {
  const lines = [`curl -sS ${quoted(new URL(path, location.href).href)}`];
  if (method !== (body === undefined ? "GET" : "POST")) lines[0] = lines[0].replace("-sS", `-sS -X ${method}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

function record({ whose, ...request }, status, answer) {
  if (whose !== session.patient) return; // another was named meanwhile
  const seen = request.key && session.requests.find((each) => each.key === request.key);
  if (seen && seen.status === status && seen.answer === answer) return;
  if (!seen) keep({ count: session.count + 1 });
  enter({ ...request, number: seen ? seen.number : session.count, status, answer });
}

function decoded(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function quoted(text) {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
