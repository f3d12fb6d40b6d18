// What this tab knows. It survives the way to Link and back, and a reload; another tab has its own.

const KEPT_AS = "wearable-link";
const MOST_REQUESTS = 30;
const NAMES = [
  "ada", "amir", "bea", "chen", "dara", "elif", "femi", "greta", "hana", "ines", "ivo", "jun",
  "kofi", "lena", "mira", "nils", "noor", "omar", "petra", "ravi", "sofia", "tomas", "uma", "zoe",
];

export const session = restored() ?? fresh();

const others = new Map(); // by patient, those who were named in this page before

/** A patient whom nobody has heard of. */
export function madeUpName() {
  const [name, number] = crypto.getRandomValues(new Uint16Array(2));
  return `${NAMES[name % NAMES.length]}-${number.toString(16).padStart(4, "0")}`;
}

export function keep(changes) {
  Object.assign(session, changes);
  write();
}

export function forgetAll() {
  others.clear();
  keep(fresh());
}

/** Whoever is named: what belongs to another is put aside, and is there again once they are. */
export function turnTo(patient) {
  if (patient === session.patient) return;
  if (session.minted) others.set(session.patient, { ...session });
  keep({ ...fresh(), ...others.get(patient), patient });
}

/** Enter a request; one with the same `key` as one before takes its place. */
export function enter(request) {
  const at = request.key ? session.requests.findIndex((each) => each.key === request.key) : -1;
  if (at >= 0) {
    session.requests[at] = request;
  } else {
    session.requests.unshift(request);
    session.requests.length = Math.min(session.requests.length, MOST_REQUESTS);
  }
  write();
}

function fresh() {
  return {
    patient: madeUpName(),
    provider: "",
    minted: null, // the answer of the mint
    cameBack: null, // what Link said: state, error_type, error
    exchanged: null, // the answer of the exchange
    seen: null, // what the watching saw last, so that a reload has it at once
    failures: {}, // by step, what went wrong in it last
    requests: [],
    count: 0,
  };
}

function restored() {
  try {
    return { ...fresh(), ...JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "null") };
  } catch {
    return null; // written by another version, or storage is forbidden
  }
}

function write() {
  try {
    sessionStorage.setItem(KEPT_AS, JSON.stringify(session));
  } catch {
    // Without storage the page works until it is left.
  }
}
