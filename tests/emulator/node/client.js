// twilio-node, worked from another process: one JSON object per line in, one out, in the same order.
//
//   {"base": URL, "account": SID, "token": TOKEN, "chain": ["calls", "CA..."], "method": "create", "given": {...}}
//
// A name in `chain` is a resource, what follows it is its SID, "" for none. Answers {"ok": ...} or {"refused": {code, status}}.
"use strict";

const readline = require("readline");
const twilio = require("twilio");

const clients = new Map();

function client({ base, account, token }) {
  const key = `${base} ${account} ${token}`;
  if (!clients.has(key)) {
    const made = twilio(account, token);
    made.api.baseUrl = base;
    clients.set(key, made);
  }
  return clients.get(key);
}

function resource(root, chain) {
  let found = root;
  for (let at = 0; at < chain.length; at += 2) {
    found = found[chain[at]];
    if (chain[at + 1]) found = found(chain[at + 1]);
  }
  return found;
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  return value && typeof value.toJSON === "function" ? value.toJSON() : value;
}

async function answer(line) {
  const asked = JSON.parse(line);
  try {
    const found = resource(client(asked), asked.chain);
    const given = Object.keys(asked.given).length ? [asked.given] : [];
    return { ok: plain(await found[asked.method](...given)) };
  } catch (error) {
    if (error.status === undefined) return { broken: String(error.stack || error) };
    return { refused: { code: error.code, status: error.status } };
  }
}

let last = Promise.resolve();
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  last = last.then(async () => process.stdout.write(`${JSON.stringify(await answer(line))}\n`));
});
