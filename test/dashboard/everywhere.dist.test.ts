import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, type OpenOptions, startDashboard, type TestDashboard } from '../support/dashboard.ts';

/** Markup, what turns the order of text around, what nobody sees, and more of it than fits. */
const HOSTILE =
  '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> \u202egpj.exe\u202c \u0007\u200b ' +
  'x'.repeat(3000);
/** What stands in the code that is served beside it. */
const CITED = { file: 'express-winston/services/invoices.js', line: 6 };
const PAGES = ['/', '/errors/HASH', '/statistics', '/rules', '/webhooks', '/settings'];
/** How the links to the others are called. */
const LINKS: Readonly<Record<string, string>> = {
  '/': 'Errors',
  '/statistics': 'Statistics',
  '/rules': 'Rules',
  '/webhooks': 'Webhooks',
  '/settings': 'Settings',
};

// Without a browser there is nothing to test; in CI there is one (.ci/run installs it).
describe.skipIf(!HAS_BROWSER)('every page of the dashboard', () => {
  let dashboard: TestDashboard;
  let hash = '';
  beforeAll(async () => {
    dashboard = await startDashboard();
    dashboard.model.answer({
      rootCause: HOSTILE,
      suggestedFix: HOSTILE,
      analysis: HOSTILE,
      confidence: 50,
      category: 'bug',
      evidence: [
        { file: `../../${HOSTILE.slice(0, 300)}`, line: 1, quote: HOSTILE },
        { ...CITED, quote: 'const country = order.customer.address.country;' },
      ],
      patch: null,
      nextSteps: [HOSTILE],
    });
    hash = await dashboard.fail(
      {
        name: '<b>Bold</b>',
        message: HOSTILE,
        stackTrace: `Error: ${HOSTILE}\n    at <img src=x onerror=alert(1)> (/app/src/a.js:1:1)\n    at invoiceFor (/app/${CITED.file}:${CITED.line}:34)`,
        context: { '<script>': HOSTILE },
      },
      {
        service: 'javascript:alert(1)',
        repositoryUrl: 'javascript:alert(1)//example.com/a/b',
        commit: HOSTILE.slice(0, 60),
      },
    );
    await dashboard.ask(`/v1/errors/${hash}/actions`, { action: 'note', text: HOSTILE.slice(0, 1000) });
    await dashboard.ask(`/v1/errors/${hash}/actions`, { action: 'assign', assignee: '<i>eve</i>' });
  });
  afterAll(() => dashboard.stop());
  afterEach(() => dashboard.closePages());

  /** Goes by the links from a page that is open to another. */
  async function follow(page: Page, path: string): Promise<void> {
    const name = LINKS[path];
    if (name === undefined) await page.locator('.row-link').first().click();
    else await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    const heading = page.getByRole('heading', { level: 1, name: name ?? /<script>/ });
    await heading.waitFor({ state: 'attached' });
  }

  /** Goes from page to page as a person does, or by the address of each. */
  async function visit(
    page: Page,
    by: 'links' | 'addresses',
    look: (path: string) => Promise<void>,
  ): Promise<void> {
    for (const path of PAGES) {
      if (by === 'links') await follow(page, path);
      else await page.goto(path.replace('HASH', hash));
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      await page.locator('.loading').waitFor({ state: 'detached' });
      if (path === '/statistics' || path.startsWith('/errors')) await page.locator('.bars canvas').waitFor();
      if (path.startsWith('/errors')) await page.locator('figure mark').waitFor();
      await look(path);
    }
  }

  /** What axe finds there, in a form that says what to mend; all of it, or what depends on colours. */
  async function problemsOf(
    page: Page,
    place: string,
    { part = 'html', only = [] }: { part?: string; only?: readonly string[] } = {},
  ): Promise<readonly unknown[]> {
    if (!(await page.evaluate(() => Reflect.has(globalThis, 'axe')))) await page.evaluate(axe.source);
    return page.evaluate(
      async ({ place, part, only }) => {
        // biome-ignore lint/suspicious/noExplicitAny: axe has just been put there.
        const { violations, passes } = await (globalThis as any).axe.run(part, {
          ...(only.length > 0 && { runOnly: only }),
        });
        if (passes.length < (only.length > 0 ? 1 : 5)) throw new Error('axe has hardly looked at anything.');
        return violations.map((one: { id: string; nodes: { html: string; failureSummary: string }[] }) => [
          place,
          one.id,
          one.nodes.slice(0, 3).map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary]),
        ]);
      },
      { place, part, only },
    );
  }

  /** What axe finds on all pages, in all dialogs and before the sign-in. */
  async function problemsIn(
    options: OpenOptions,
    only: readonly string[] = [],
    look: (page: Page, path: string) => Promise<void> = async () => {},
  ): Promise<readonly unknown[]> {
    const page = await dashboard.open('/', options);
    const found: unknown[] = [];
    await visit(page, 'links', async (path) => {
      await look(page, path);
      found.push(...(await problemsOf(page, path, { only })));
    });
    for (const path of ['/', '/errors/HASH']) await follow(page, path);
    for (const name of ['Ignore…', 'Assign…', 'Resolve in release…', 'Make a rule…']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
      found.push(...(await problemsOf(page, name, { part: 'dialog', only })));
      await page.keyboard.press('Escape');
    }
    const outside = await dashboard.open('/', { ...options, as: 'nobody' });
    await outside.getByLabel('Token').waitFor();
    return [...found, ...(await problemsOf(outside, 'sign-in', { only }))];
  }

  /** A phone in the dark: two looks at each page for one. */
  const onPhone = once(async () => {
    const widths: [string, number][] = [];
    const problems = await problemsIn(
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
      // Of all that axe knows, only these depend on colours; the rest was looked at in the light.
      ['color-contrast', 'link-in-text-block'],
      async (page, path) => {
        widths.push([path, await page.evaluate<number>('document.documentElement.scrollWidth')]);
      },
    );
    return { widths, problems };
  });

  /** What a visit of all pages asks for and shows. */
  const tour = once(async () => {
    const hosts = new Set<string>();
    const complaints: string[] = [];
    const foreign: string[] = [];
    const odd: string[] = [];
    const page = await dashboard.open('/', {
      prepare: async (page) => {
        page.on('request', (request) => hosts.add(new URL(request.url()).origin));
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
      },
    });
    await visit(page, 'addresses', async (path) => {
      if (await page.evaluate(() => Reflect.has(globalThis, 'hacked'))) odd.push(`${path}: code was run`);
      const elements = await page.locator('main :is(script, img, b, i)').count();
      if (elements > 0) odd.push(`${path}: ${elements} elements`);
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((one) => String(Reflect.get(one, 'href'))));
      foreign.push(...links.filter((href) => !href.startsWith(dashboard.url)));
      const text = await page.locator('main').textContent();
      if (/[\u202a-\u202e\u2066-\u2069\u200b]/.test(text ?? '')) odd.push(`${path}: what nobody sees`);
    });
    return { hosts: [...hosts], complaints, foreign, odd };
  });

  it('is accessible (axe)', async () => {
    expect(await problemsIn({ colorScheme: 'light' })).toEqual([]);
  }, 60_000);

  it('can be read in dark colours (axe)', async () => {
    expect((await onPhone()).problems).toEqual([]);
  }, 60_000);

  it('fits a phone: nothing is wider than the screen', async () => {
    expect((await onPhone()).widths).toEqual(PAGES.map((path) => [path, 360]));
  }, 60_000);

  it('speaks Korean to who does, and English at a press', async () => {
    const page = await dashboard.open('/', { locale: 'ko-KR', alone: true });
    await page.getByRole('link', { name: '오류', exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await page.getByRole('link', { name: '통계' }).click();
    await page.getByRole('heading', { name: '통계' }).waitFor();
    await page.getByRole('link', { name: '설정' }).click();
    await page.getByText('오류당 하루 호출 수').waitFor();
    const names = await page.locator('main :is(dt, h2)').allTextContents();
    expect(names.filter((name) => !/\p{Script=Hangul}/u.test(name))).toEqual([]);
    await page.getByRole('link', { name: '통계' }).click();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
  });

  it('keeps the chosen colours', async () => {
    const page = await dashboard.open('/', { colorScheme: 'light', alone: true });
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByRole('button', { name: 'Dark theme' }).click();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('searchbox').waitFor();
    expect(await ground()).toBe(dark);
  });

  it('asks nobody but its own server, and breaks none of its rules for content', async () => {
    const { hosts, complaints } = await tour();
    expect(hosts).toEqual([dashboard.url]);
    expect(complaints).toEqual([]);
    const policy = (await fetch(dashboard.url)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('is loaded once: its files may be kept for ever, and are small', async () => {
    const page = await dashboard.open('/', { as: 'nobody' });
    const html = await (await page.request.get('/')).text();
    const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets).toHaveLength(3);
    let bytes = 0;
    for (const path of assets) {
      const { headers } = await fetch(dashboard.url + path, { headers: { 'accept-encoding': 'gzip' } });
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      bytes += Number(headers.get('content-length'));
    }
    expect(bytes).toBeLessThan(100_000);
    expect((await fetch(`${dashboard.url}/assets/no-such.js`)).status).toBe(404);
  });

  it('shows hostile data as what it is: text', async () => {
    const { foreign, odd } = await tour();
    expect(odd).toEqual([]);
    expect(foreign).toEqual([]);
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('heading', { level: 1 }).getByText('<script>window.hacked = 1</script>').waitFor();
  });
});

/** What is made at the first call, again where that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
