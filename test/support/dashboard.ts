import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'patrol/server';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { startOpenAI, type TestOpenAI } from './openai-server.ts';
import { startSlack, type WebhookServer } from './webhook-server.ts';

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** False only on a machine of one's own without the browser: in CI its absence fails. */
export const HAS_BROWSER: boolean = existsSync(CHROMIUM) || process.env.CI === 'true';

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
  stop(): Promise<void>;
}

/** Who opens the page, and with what. */
export interface OpenOptions extends BrowserContextOptions {
  readonly as?: keyof typeof TOKENS | 'nobody';
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
  const server = await createServer({
    port: 0,
    host: '127.0.0.1',
    dashboardToken: TOKENS.admin,
    dashboardReaderToken: TOKENS.reader,
    historyFile: join(folder, 'history.db'),
    webhookUrl: `slack:${slack.url}`,
    rulesFile,
    sourceRoot: new URL('../../examples/', import.meta.url).pathname,
    openaiApiKey: model.env.OPENAI_API_KEY,
    openaiBaseUrl: model.env.OPENAI_BASE_URL,
  });
  const { url } = server;
  const ask = (path: string, body?: unknown): Promise<Response> =>
    fetch(url + path, {
      headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });

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
    async open(path, { as = 'admin', prepare, ...options } = {}) {
      const context = await browser.newContext({ locale: 'en-US', baseURL: url, ...options });
      context.setDefaultTimeout(10_000);
      if (as !== 'nobody')
        await context.request.post('/v1/session', { data: { token: TOKENS[as], name: 'kim' } });
      const page = await context.newPage();
      await prepare?.(page);
      await page.goto(path);
      return page;
    },
    async stop() {
      await browser.close();
      await server.close(500);
      await Promise.all([slack.stop(), model.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
