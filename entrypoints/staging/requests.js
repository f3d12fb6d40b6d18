// The list of what was sent: each as a curl command to copy, with its answer.

import { announce, byId, element, say } from "./elements.js";
import { curl } from "./sent.js";
import { session } from "./session.js";

const rows = new Map();

export function showRequests() {
  const list = byId("requests");
  byId("no-requests").hidden = session.requests.length > 0;
  const wanted = new Set(session.requests.map(({ number }) => number));
  for (const [number, row] of rows) {
    if (wanted.has(number)) continue;
    row.item.remove();
    rows.delete(number);
  }
  // The newest stands first: whatever is not there yet goes in from the oldest on.
  for (const request of [...session.requests].reverse()) {
    if (!rows.has(request.number)) {
      const row = made(request);
      rows.set(request.number, row);
      list.prepend(row.item);
    }
    update(rows.get(request.number), request);
  }
}

function made(request) {
  const status = element("span", { className: "number" });
  const command = element("pre");
  const answer = element("pre");
  const copied = element("span");
  const copy = element("button", { type: "button", className: "small" }, "Copy");
  copy.setAttribute("aria-label", `Copy as curl: ${request.title}`);
  copy.addEventListener("click", () => copyText(command, copied));
  const item = element(
    "li", {},
    element(
      "details", {},
      element("summary", {}, element("span", {}, request.title), status),
      element(
        "div", { className: "body" },
        element("div", { className: "row" }, element("span", { className: "path" }, `${request.method} ${request.path}`)),
        command,
        element("div", { className: "row" }, copied, copy),
        answer,
      ),
    ),
  );
  return { item, status, command, answer };
}

function update(row, request) {
  say(row.status, request.status ? String(request.status) : "no answer");
  row.status.toggleAttribute("data-wrong", request.status < 200 || request.status >= 400);
  say(row.command, curl(request));
  say(row.answer, request.answer ? indented(request.answer) : "(no body)");
}

/** Over plain HTTP from another machine a browser has no clipboard for pages: then select it. */
async function copyText(command, copied) {
  try {
    await navigator.clipboard.writeText(command.textContent);
    say(copied, "Copied.");
    announce("Copied.");
  } catch {
    getSelection().selectAllChildren(command);
    say(copied, "Selected: copy it with the keyboard.");
    announce("Selected: copy it with the keyboard.");
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
