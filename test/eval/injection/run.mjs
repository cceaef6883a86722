#!/usr/bin/env node
/**
 * Hostile items through the real pipeline of the built package.
 *
 *   npm run --silent eval:injection -- --items items.jsonl > observations.jsonl
 *
 * The observations, one JSON line an item, go to standard output or to `--out`: whoever wrote the items judges
 * them. Without `--items` the repository's own items are run and checked; exit 1 when a check fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { failuresOf } from './checks.mjs';
import { ownItems } from './items.mjs';
import { startPeers } from './peers.mjs';
import { observe } from './pipeline.mjs';

const { values } = parseArgs({ options: { items: { type: 'string' }, out: { type: 'string' } } });
const items = values.items === undefined ? ownItems() : readItems(values.items);

const observations = [];
// The SDKs are loaded at their first use; that is no item's fault.
await observeWithPeers({ id: 'warm-up', event: { message: 'warm up', filePath: 'src/a.ts' } });
for (const item of items) observations.push(await observeWithPeers(item));

const lines = observations.map((one) => `${JSON.stringify(one)}\n`).join('');
if (values.out !== undefined) writeFileSync(values.out, lines);
else if (values.items !== undefined) process.stdout.write(lines);

if (values.items === undefined) {
  const failures = items.flatMap((item, index) => failuresOf(item, observations[index]));
  const checks = items.reduce((sum, item) => sum + item.checks.length, 0);
  for (const failure of failures) console.error(`FAIL ${failure}`);
  const slowest = Math.max(...observations.map(({ elapsed_ms: ms }) => ms));
  console.log(JSON.stringify({ items: items.length, checks, failed: failures.length, slowest_ms: slowest }));
  if (failures.length > 0) process.exitCode = 1;
}

async function observeWithPeers(item) {
  const peers = await startPeers(item.allow?.host);
  try {
    return await observe(item, peers);
  } finally {
    await peers.stop();
  }
}

function readItems(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}
