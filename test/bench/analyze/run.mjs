// npm run bench:analyze [-- --mb=300]
// How fast `patrol analyze` reads a generated log, and that its memory does not grow with the log: once with few
// distinct errors, once with more than it can count.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { logText } from './log-text.mjs';

const MOST_MB = 200;
const folder = mkdtempSync(join(tmpdir(), 'patrol-bench-'));
const file = join(folder, 'app.log');
const megabytes = Number(process.argv.find((one) => one.startsWith('--mb='))?.slice(5) ?? 300);

async function measure(distinct) {
  const log = createWriteStream(file);
  for (const block of logText(megabytes * 1e6, distinct)) {
    if (!log.write(block)) await once(log, 'drain');
  }
  log.end();
  await once(log, 'close');
  const child = spawn(process.execPath, [fileURLToPath(new URL('./measured.mjs', import.meta.url)), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout));
}

for (const distinct of [100, 100_000]) {
  const { mbPerSecond, maxRssMb, bytes, records, folded } = await measure(distinct);
  console.log(
    `${(bytes / 1e6).toFixed(0)} MB, ${distinct} distinct errors: ${mbPerSecond.toFixed(0)} MB/s, at most ${maxRssMb.toFixed(0)} MB of memory; ${records} error records, ${folded} folded`,
  );
  if (maxRssMb > MOST_MB) process.exitCode = 1;
}
rmSync(folder, { recursive: true });
