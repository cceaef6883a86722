import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, startDashboard, type TestDashboard } from '../support/dashboard.ts';

/** Markup, what turns the order of text around, what nobody sees, and more of it than fits. */
const HOSTILE =
  '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> \u202egpj.exe\u202c \u0007\u200b ' +
  'x'.repeat(3000);
/** What stands in the code that is served beside it. */
const CITED = { file: 'express-winston/services/invoices.js', line: 6 };
const PAGES = ['/', '/errors/HASH', '/statistics', '/rules', '/webhooks', '/settings'];

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
  afterEach(async () => {
    for (const context of dashboard.browser.contexts()) await context.close();
  });

  /** Goes from page to page as a person does. */
  async function visit(page: Page, look: (path: string) => Promise<void>): Promise<void> {
    for (const path of PAGES) {
      await page.goto(path.replace('HASH', hash));
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      await page.locator('.loading').waitFor({ state: 'detached' });
      if (path === '/statistics' || path.startsWith('/errors')) await page.locator('.bars canvas').waitFor();
      if (path.startsWith('/errors')) await page.locator('figure mark').waitFor();
      await look(path);
    }
  }

  /** What axe finds there, in a form that says what to mend. */
  async function problemsOf(page: Page, place: string, part = 'html'): Promise<readonly unknown[]> {
    await page.evaluate(axe.source);
    return page.evaluate(
      async ([place, part]) => {
        // biome-ignore lint/suspicious/noExplicitAny: axe has just been put there.
        const { violations, passes } = await (globalThis as any).axe.run(part);
        if (passes.length < 5) throw new Error('axe has hardly looked at anything.');
        return violations.map((one: { id: string; nodes: { html: string; failureSummary: string }[] }) => [
          place,
          one.id,
          one.nodes.slice(0, 3).map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary]),
        ]);
      },
      [place, part],
    );
  }

  it.each(['light', 'dark'] as const)(
    'is accessible in %s colours (axe)',
    async (colorScheme) => {
      const page = await dashboard.open('/', { colorScheme });
      const found: unknown[] = [];
      await visit(page, async (path) => {
        found.push(...(await problemsOf(page, path)));
      });
      await page.goto(`/errors/${hash}`);
      for (const name of ['Ignore…', 'Assign…', 'Resolve in release…', 'Make a rule…']) {
        await page.getByRole('button', { name }).click();
        await page.getByRole('dialog').waitFor();
        found.push(...(await problemsOf(page, name, 'dialog')));
        await page.keyboard.press('Escape');
      }
      const outside = await dashboard.open('/', { colorScheme, as: 'nobody' });
      await outside.getByLabel('Token').waitFor();
      found.push(...(await problemsOf(outside, 'sign-in')));
      expect(found).toEqual([]);
    },
    60_000,
  );

  it('fits a phone: nothing is wider than the screen', async () => {
    const page = await dashboard.open('/', { viewport: { width: 360, height: 740 } });
    const widths: [string, number][] = [];
    await visit(page, async (path) => {
      widths.push([path, await page.evaluate<number>('document.documentElement.scrollWidth')]);
    });
    expect(widths).toEqual(PAGES.map((path) => [path, 360]));
  });

  it('speaks Korean to who does, and English at a press', async () => {
    const page = await dashboard.open('/', { locale: 'ko-KR' });
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
    const page = await dashboard.open('/', { colorScheme: 'light' });
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
    const hosts = new Set<string>();
    const complaints: string[] = [];
    const page = await dashboard.open('/', {
      prepare: async (page) => {
        page.on('request', (request) => hosts.add(new URL(request.url()).origin));
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
      },
    });
    await visit(page, async () => {});
    expect([...hosts]).toEqual([dashboard.url]);
    expect(complaints).toEqual([]);
    const answer = await page.request.get('/');
    const policy = answer.headers()['content-security-policy'];
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
    const page = await dashboard.open('/');
    await visit(page, async () => {
      expect(await page.evaluate(() => Reflect.get(globalThis, 'hacked'))).toBeUndefined();
      expect(await page.locator('main :is(script, img, b, i)').count()).toBe(0);
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((one) => String(Reflect.get(one, 'href'))));
      expect(links.filter((href) => !href.startsWith(dashboard.url))).toEqual([]);
      expect(await page.locator('main').textContent()).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
    });
    await page.goto(`/errors/${hash}`);
    await page.getByRole('heading', { level: 1 }).getByText('<script>window.hacked = 1</script>').waitFor();
  });
});
