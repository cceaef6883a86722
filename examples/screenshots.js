/**
 * `npm run screenshots`: the README's pictures of the dashboard, in .github/images, made with the demo's errors in
 * Debian's Chromium. So that the charts show a day, the errors that the applications have sent are sent again as of
 * the past hours.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startModel } from './support/model.js';
import { startServe } from './support/serve.js';
import { keepSending, startAll } from './support/traffic.js';

const IMAGES = fileURLToPath(new URL('../.github/images/', import.meta.url));
const HOUR_MS = 3_600_000;
const DISTINCT = 6;
const DESKTOP = { width: 1120, height: 720 };
const PHONE = { width: 390, height: 844 };

/** What has to be stopped, last started first. */
const started = [];
try {
  const folder = await mkdtemp(join(tmpdir(), 'patrol-screenshots-'));
  started.push(() => rm(folder, { recursive: true, force: true }));
  const model = await startModel();
  started.push(() => model.stop());
  const server = await startServe({
    folder,
    env: {
      OPENAI_API_KEY: 'on-loopback-any-key-will-do',
      OPENAI_BASE_URL: model.url,
      OPENAI_MODEL: 'gpt-4o-mini',
    },
  });
  started.push(() => server.stop());
  const errors = await fillWithErrors(server.url);

  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  started.push(() => browser.close());
  const shoot = async (name, path, viewport, colorScheme) => {
    const page = await browser.newPage({ baseURL: server.url, viewport, colorScheme, locale: 'en-GB' });
    await page.goto(path);
    await page.getByText('Live').waitFor();
    await page
      .locator(path === '/' ? '.row' : '.bars canvas')
      .first()
      .waitFor();
    await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
    await page.close();
  };
  const guest = `/errors/${errors.find(({ message }) => message.includes('address')).errorHash}`;
  await shoot('dashboard-errors', '/', { ...DESKTOP, height: 600 }, 'light');
  await shoot('dashboard-error', guest, DESKTOP, 'dark');
  await shoot('dashboard-errors-phone', '/', PHONE, 'dark');
  await shoot('dashboard-error-phone', guest, PHONE, 'light');
} finally {
  for (const stop of started.reverse()) await stop();
}

/** Lets the applications fail once each way, gives the errors a past, and people something to do with them. */
async function fillWithErrors(url) {
  const ask = async (path, body) => {
    const response = await fetch(url + path, {
      headers: { 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const list = async () => (await ask('/v1/errors')).errors;
  const { apps, stop } = await startAll({
    envOf: () => ({
      PATROL_SINK_URL: url,
      PATROL_ENVIRONMENT: 'production',
      PATROL_BATCH_INTERVAL: '300',
      PATROL_SPOOL_DIRECTORY: 'off',
    }),
    print: () => {},
  });
  started.push(stop);
  const traffic = keepSending(apps, { everyMs: 500 });
  started.push(() => traffic.stop());
  const analysed = (errors) => errors.filter(({ rootCause }) => rootCause).length;
  while (analysed(await list()) < DISTINCT) await new Promise((resolve) => setTimeout(resolve, 200));
  await traffic.stop();

  const errors = await list();
  for (const [index, { errorHash }] of errors.entries()) {
    const [{ eventId: _, firstSeen: __, lastSeen: ___, ...sample }] = (await ask(`/v1/errors/${errorHash}`))
      .samples;
    // Two of them are old acquaintances, the others of today.
    const hours = index < 2 ? 30 : 20 - 3 * index;
    const past = Array.from({ length: hours }, (_, ago) => ({
      ...sample,
      eventId: randomUUID(),
      timestamp: Date.now() - ago * HOUR_MS,
      occurrences: 1 + ((ago * 7 + index * 5) % 13) * (index + 1),
    }));
    await ask('/v1/events?wait', { batchId: randomUUID(), events: past });
  }
  const act = (text, action) => {
    const { errorHash } = errors.find(({ message }) => message.includes(text));
    return ask(`/v1/errors/${errorHash}/actions`, action);
  };
  await act('address', { action: 'assign', assignee: 'kim' });
  await act('address', {
    action: 'note',
    text: 'Guests can order since Tuesday; the invoice was forgotten.',
  });
  await act('label', { action: 'resolve' });
  await fetch(`${apps.find(({ name }) => name === 'shipping').url}/shipments/7/label?service=express`);
  for (;;) {
    const now = await list();
    if (now.some(({ status }) => status === 'regressed')) return now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
