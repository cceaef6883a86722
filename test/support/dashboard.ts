import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { startOpenAI, type TestOpenAI } from './openai-server.ts';
import { startSlack, type WebhookServer } from './webhook-server.ts';

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** Without it the tests that need it are skipped; `.ci/run` makes sure that it is there. */
export const HAS_BROWSER: boolean = existsSync(CHROMIUM);

/** The tokens of the dashboard under test. */
export const TOKENS = { admin: 'token-of-an-admin', reader: 'token-of-a-reader' } as const;

/** A dashboard on loopback with everything behind it, and a browser to look at it with. */
export interface TestDashboard {
  readonly url: string;
  readonly slack: WebhookServer;
  readonly model: TestOpenAI;
  readonly rulesFile: string;
  readonly browser: Browser;
  /** Sends an error as an application does, and waits until it is analysed. Says its hash. */
  fail(
    errorLog: Readonly<Record<string, unknown>>,
    fields?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** Asks the API as a colleague would. */
  ask(path: string, body?: unknown): Promise<Response>;
  /** A page of somebody who is signed in. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** Leaves every page; for `afterEach`. */
  closePages(): Promise<void>;
  stop(): Promise<void>;
}

/** Who opens the page, and with what. */
export interface OpenOptions extends BrowserContextOptions {
  readonly as?: keyof typeof TOKENS | 'nobody';
  /** With cookies and a memory of its own. Else it may be a tab that the same person has used before. */
  readonly alone?: boolean;
  /** Done before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Starts it all. Stop it in `afterAll`. */
export async function startDashboard(): Promise<TestDashboard> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-dashboard-'));
  const rulesFile = join(folder, 'rules.yaml');
  writeFileSync(
    rulesFile,
    'rules:\n  - id: bots\n    match: { service: crawler }\n    then: { ignore: true }\n',
  );
  const [slack, model, browser] = await Promise.all([
    startSlack(),
    startOpenAI(),
    chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }),
  ]);
  const server = await startServe({
    PATROL_DASHBOARD_TOKEN: TOKENS.admin,
    PATROL_DASHBOARD_READER_TOKEN: TOKENS.reader,
    PATROL_HISTORY_FILE: join(folder, 'history.db'),
    PATROL_WEBHOOK_URL: `slack:${slack.url}`,
    PATROL_RULES_FILE: rulesFile,
    PATROL_SOURCE_ROOT: fileURLToPath(new URL('../../examples/', import.meta.url)),
    ...model.env,
  });
  const { url } = server;
  const ask = (path: string, body?: unknown): Promise<Response> =>
    fetch(url + path, {
      headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });

  const begin = async (as: OpenOptions['as'], options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-US', baseURL: url, ...options });
    context.setDefaultTimeout(10_000);
    if (as !== undefined && as !== 'nobody')
      await context.request.post('/v1/session', { data: { token: TOKENS[as], name: 'kim' } });
    return context.newPage();
  };
  /** Pages of people who are signed in, by who and how. A new one costs a browser more than most tests do. */
  const idle = new Map<string, Page>();
  const inUse = new Map<Page, string | undefined>();
  const take = async (as: OpenOptions['as'], options: BrowserContextOptions): Promise<Page> => {
    const key = JSON.stringify([as, options]);
    const known = idle.get(key);
    idle.delete(key);
    const page = known ?? (await begin(as, options));
    inUse.set(page, key);
    return page;
  };

  return {
    url,
    slack,
    model,
    rulesFile,
    browser,
    ask,
    async fail(errorLog, fields = {}) {
      const event = { eventId: randomUUID(), service: 'orders', environment: 'test', errorLog, ...fields };
      const answer = await ask('/v1/events?wait', event);
      const { results } = (await answer.json()) as { results: readonly { errorHash: string }[] };
      return results[0]?.errorHash ?? '';
    },
    async open(
      path,
      { as = 'admin', prepare, alone = as === 'nobody' || prepare !== undefined, ...options } = {},
    ) {
      const page = await (alone ? begin(as, options) : take(as, options));
      if (alone) inUse.set(page, undefined);
      await prepare?.(page);
      await page.goto(path);
      return page;
    },
    async closePages() {
      for (const [page, key] of inUse) {
        if (key === undefined || idle.has(key)) await page.context().close();
        else idle.set(key, page);
      }
      inUse.clear();
    },
    async stop() {
      await browser.close();
      await server.stop();
      await Promise.all([slack.stop(), model.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `patrol serve` of the built package, on a free port. */
async function startServe(
  env: Readonly<Record<string, string>>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const command = fileURLToPath(new URL('../../dist/sink/cli/main.js', import.meta.url));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:PATROL|OPENAI|GITHUB|AWS)_/.test(name),
  );
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', '--host', '127.0.0.1'], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url":"(http[^"]+)"/.exec(line);
      if (line.includes('Listening') && found?.[1]) resolve(found[1]);
    });
    ended.then(() => reject(new Error('patrol serve ended before it listened.')), reject);
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
