import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { logText } from '../../bench/analyze/log-text.mjs';

const MEASURED = fileURLToPath(new URL('../../bench/analyze/measured.mjs', import.meta.url));

it('a log with more distinct errors than can be counted is read in less than 200 MB, and none is lost count of', async () => {
  const child = spawn(process.execPath, [MEASURED], { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = text(child.stdout);
  const megabytes = process.env.PATROL_SCALE === 'full' ? 600 : 60;
  for (const block of logText(megabytes * 1e6, 100_000)) {
    if (!child.stdin.write(block)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const { maxRssMb, bytes, records, lines, distinct, counted, folded } = JSON.parse(await printed);
  expect(bytes).toBeGreaterThan(megabytes * 1e6);
  expect(maxRssMb).toBeLessThan(200);
  expect(distinct).toBe(2000);
  expect(folded).toBe(records - 2000);
  // Of all records each is counted, if only for the error that took its place.
  expect(counted).toBe(records);
  expect(records).toBeGreaterThan(lines / 110);
}, 120_000);
