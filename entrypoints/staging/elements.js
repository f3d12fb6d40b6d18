// Elements with text in them. Data become text and attributes, and never markup.

export const byId = (id) => document.getElementById(id);

/** `attributes` are properties of the element, but for `data`; children may be text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  const { data = {}, ...properties } = attributes;
  Object.assign(made, properties);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

/** Set text where it differs, so that nothing is read aloud or selected anew for no reason. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

let announced = "";

/** For who does not see what changed. */
export function announce(text) {
  if (text === announced) return;
  announced = text;
  byId("announcement").textContent = text;
}

export function moment(text) {
  if (text === null) return "never";
  return new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** A provider's or an event's name for people. */
export function named(word) {
  const known = {
    whoop: "WHOOP",
    freestyle_libre: "FreeStyle Libre",
    apple_health_kit: "Apple Health",
  };
  const plain = word.replaceAll("_", " ");
  return known[word] ?? plain.replace(/(^| )[a-z]/g, (letter) => letter.toUpperCase());
}
