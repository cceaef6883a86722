import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export function parseFeed(text) {
  return JSON.parse(text);
}

export function parseWebhook(text) {
  return JSON.parse(text);
}

export function loadInvoice(path) {
  return readFileSync(path, 'utf8');
}

export async function loadInvoiceLater(path) {
  return await readFile(path, 'utf8');
}

export async function loadProfile(id, readProfile) {
  try {
    return await readProfile(id);
  } catch (cause) {
    throw new Error(`Cannot load profile ${id}`, { cause });
  }
}

export function reconcile(sum, expected) {
  assert.strictEqual(sum, expected);
}

export function render(path, line) {
  throw new TypeError(
    `${path}:${line}\n    ${line - 1}| <h1>Statement</h1>\n >> ${line}| <%= account.name %>\n    ${line + 1}| \n\naccount is not defined`,
  );
}

export function decodeReference(text) {
  return decodeURIComponent(text);
}

export function targetOf(text) {
  return new URL(text);
}

export function formatPrice(value, digits) {
  return value.toFixed(digits);
}
