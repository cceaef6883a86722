import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, startDashboard, type TestDashboard, TOKENS } from '../support/dashboard.ts';

// Without a browser there is nothing to test; in CI there is one (.ci/run installs it).
describe.skipIf(!HAS_BROWSER)('the dashboard', () => {
  let dashboard: TestDashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterAll(() => dashboard.stop());
  afterEach(() => dashboard.closePages());

  /** A row of the list, by the text of its error. */
  const row = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });

  it('asks who looks, and lets nobody in with a wrong token', async () => {
    const page = await dashboard.open('/', { as: 'nobody' });
    await page.getByLabel('Token').fill('a guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('That is not a valid token.').waitFor();
    await page.getByLabel('Token').fill(TOKENS.admin);
    await page.getByLabel('Your name').fill('Ana');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('searchbox').waitFor();
    expect(await page.locator('.visitor').textContent()).toBe('Ana');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  it('shows an error as it comes in, and counts as it comes again', async () => {
    const page = await dashboard.open('/');
    await page.getByText('Live').waitFor();
    await dashboard.fail({ name: 'RangeError', message: 'the basket is full' });
    await row(page, 'the basket is full').getByText('1×').waitFor();
    await dashboard.fail({ name: 'RangeError', message: 'the basket is full' }, { occurrences: 41 });
    await row(page, 'the basket is full').getByText('42×').waitFor();
  });

  it('finds by words and by filters, which its address holds', async () => {
    await dashboard.fail({ name: 'Error', message: 'the printer is on fire' }, { service: 'labels' });
    await dashboard.fail({ name: 'Error', message: 'the scanner is on strike' }, { service: 'intake' });
    const page = await dashboard.open('/');
    await row(page, 'the scanner is on strike').waitFor();
    await page.getByRole('searchbox').fill('printer');
    await row(page, 'the scanner is on strike').waitFor({ state: 'detached' });
    await row(page, 'the printer is on fire').waitFor();
    expect(new URL(page.url()).search).toBe('?search=printer');

    await page.goto('/?service=intake');
    await row(page, 'the scanner is on strike').waitFor();
    expect(await row(page, 'the printer is on fire').count()).toBe(0);
    await page.getByRole('link', { name: 'Resolved', exact: true }).click();
    await page.getByText('No error matches').waitFor();
  });

  it('is where it was left for who comes back to it', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      await dashboard.fail({ name: 'Error', message: `shelf ${name} is empty` }, { service: 'shelves' });
    const page = await dashboard.open('/?service=shelves', { viewport: { width: 800, height: 300 } });
    const scrolled = () => page.evaluate<number>('scrollY');
    await row(page, 'shelf a').waitFor();
    await page.evaluate('scrollTo(0, 500)');
    // A click of Playwright's would scroll first.
    await row(page, 'shelf a')
      .getByRole('link')
      .evaluate((link: { click?(): void }) => link.click?.());
    await page.getByRole('heading', { name: 'shelf a is empty' }).waitFor();
    expect(await scrolled()).toBe(0);
    await page.goBack();
    await row(page, 'shelf a').waitFor();
    // Browsers keep what is read in its place, so that a line above it that comes or goes counts.
    expect(await scrolled()).toBeGreaterThan(300);
  });

  it('loses no letter of who types slowly', async () => {
    const page = await dashboard.open('/');
    await page.getByRole('searchbox').pressSequentially('slow words', { delay: 230 });
    await page.waitForURL(/search=slow\+words$/);
    expect(await page.getByRole('searchbox').inputValue()).toBe('slow words');
  });

  it('resolves an error, and shows that it came back', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the lift is stuck' });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByText('kim resolved it').waitFor();
    await page.getByText('Resolved.', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Errors', exact: true }).click();
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await row(page, 'the lift is stuck').getByText('Resolved').waitFor();
    await dashboard.fail({ name: 'Error', message: 'the lift is stuck' });
    await row(page, 'the lift is stuck').getByText('Regressed').waitFor();
  });

  it('takes back what was done by mistake', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the door is locked' });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('kim reopened it').waitFor();
    await page.getByRole('button', { name: 'Resolve', exact: true }).waitFor();
  });

  it('ignores an error until it came so often again', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the tap drips' });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('button', { name: 'Ignore…' }).click();
    await page.getByRole('radio', { name: 'until it came this often again' }).check();
    await page.getByRole('spinbutton').fill('3');
    await page.getByRole('button', { name: 'Ignore', exact: true }).click();
    await page.getByText('kim ignores it until it came 3 times more').waitFor();
    await page.getByRole('button', { name: 'Reopen' }).waitFor();
  });

  it('assigns an error, rates it, and keeps a note', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the roof leaks' });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('button', { name: 'Assign…' }).click();
    await page.getByRole('button', { name: 'I do' }).click();
    await page.getByRole('button', { name: 'Assign', exact: true }).click();
    await page.getByText('kim assigned it to kim').waitFor();
    await page.getByLabel('Severity').selectOption('critical');
    await page.getByText('kim set its severity to Critical').waitFor();
    await page.getByPlaceholder('What you know').fill('A tile is missing.\nSee <b>photo</b>.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('blockquote').getByText('See <b>photo</b>.').waitFor();
    const found = await dashboard.ask(`/v1/errors/${hash}`);
    expect(await found.json()).toMatchObject({ assignee: 'kim', severity: 'critical' });
  });

  it('says kindly that somebody was faster, and does nothing unasked', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the phone rings' });
    // This browser hears of nothing: its connection for updates is cut.
    const page = await dashboard.open(`/errors/${hash}`, {
      prepare: async (page) => {
        await page.route('**/v1/updates*', (route) => route.abort());
      },
    });
    await page.getByRole('button', { name: 'Resolve', exact: true }).waitFor();
    await dashboard.ask(`/v1/errors/${hash}/actions`, { action: 'assign', assignee: 'ana' });
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page
      .getByText('Somebody else changed this error meanwhile. It is now “New”, assigned to ana.')
      .waitFor();
    expect(await (await dashboard.ask(`/v1/errors/${hash}`)).json()).toMatchObject({ status: 'new' });
    await page.getByRole('button', { name: 'Do it anyway' }).click();
    await page.getByText('kim resolved it').waitFor();
  });

  it('is worked with the keyboard', async () => {
    await dashboard.fail({ name: 'Error', message: 'keys: the first' });
    await dashboard.fail({ name: 'Error', message: 'keys: the second' });
    const page = await dashboard.open('/');
    await row(page, 'keys: the first').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('keys:');
    await page.waitForURL(/search=keys/);
    await page.getByText('2 errors').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('r');
    await row(page, 'keys: the second').getByText('Resolved').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row(page, 'keys: the second').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'keys: the second' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('keys: the f');
    await row(page, 'keys: the second').waitFor({ state: 'detached' });
    await row(page, 'keys: the first').getByRole('link').click();
    await page.getByRole('heading', { name: 'keys: the first' }).waitFor();
    await page.keyboard.press('u');
    await page.getByRole('searchbox').waitFor();
  });

  it('shows what a model said, in the code that it cites, and how far that was checked', async () => {
    const quote = 'const country = order.customer.address.country;';
    dashboard.model.answer({
      rootCause: 'An order of a guest has no customer.',
      suggestedFix: 'Ask guests for an address.',
      analysis: 'Order.customer is optional.',
      confidence: 90,
      category: 'bug',
      evidence: [{ file: 'express-winston/services/invoices.js', line: 6, quote }],
      patch: null,
      nextSteps: ['See the guest checkout.'],
    });
    const hash = await dashboard.fail({
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'address')",
      stackTrace:
        "TypeError: Cannot read properties of undefined (reading 'address')\n    at invoiceFor (/app/express-winston/services/invoices.js:6:34)",
    });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByText('AI-generated').waitFor();
    await page.getByText('An order of a guest has no customer.').waitFor();
    await page.getByText('Ask guests for an address.').waitFor();
    const cited = page.getByRole('figure');
    expect(await cited.textContent()).toContain(quote);
    expect(await cited.textContent()).toContain('✓ found in the source');
    // The lines around it come from the server.
    await cited.getByText('export function invoiceFor(order) {').waitFor();
    expect(await cited.locator('mark').allTextContents()).toEqual([`  ${quote}\n`]);
    expect(await cited.locator('mark').getAttribute('data-line')).toBe('6');
    expect(await cited.locator('.line').count()).toBe(9);
    await page.getByText('See the guest checkout.').waitFor();
    await page.getByRole('img', { name: '1 occurrence' }).waitFor();
  });

  it('makes a rule of an error, and says what rules would do', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the bell rang 17 times' });
    const page = await dashboard.open(`/errors/${hash}`);
    await page.getByRole('button', { name: 'Make a rule…' }).click();
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByText('The rule holds from now on.').waitFor();

    await page.getByRole('link', { name: 'Rules', exact: true }).click();
    await page.getByText(`ignore-${hash.slice(0, 8)}`).waitFor();
    const event = { service: 'orders', errorLog: { name: 'Error', message: 'the bell rang 3 times' } };
    await page.getByLabel('The event as JSON').fill(JSON.stringify(event));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText(`✓ ignore-${hash.slice(0, 8)}`).waitFor();

    await page.getByRole('button', { name: 'New rule' }).click();
    const rule = page.getByLabel('The rule as YAML or JSON');
    await rule.fill('{"id": "wrong", "then": {"explode": true}}');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByRole('alert').getByText('explode').waitFor();
    await rule.fill('id: "torn');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByRole('alert').getByText('This cannot be read').waitFor();
    await rule.fill('- id: bells # as in the file\n  match: { service: belfry }\n  then: { ignore: true }');
    await page.getByRole('button', { name: 'set its severity' }).click();
    expect(await rule.inputValue()).toContain('service: belfry');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByText('{severity: "warning"}').waitFor();
  });

  it('tests a webhook, and says what came of it', async () => {
    const page = await dashboard.open('/webhooks');
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('✓ Delivered (200)').waitFor();
    dashboard.slack.faults.push({ status: 404, text: 'no_service' });
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('✗ Not delivered (404)').waitFor();
    expect(await page.content()).not.toContain(new URL(dashboard.slack.url).pathname);
  });

  it('lets a reader look and change nothing', async () => {
    const hash = await dashboard.fail({ name: 'Error', message: 'the clock stopped' });
    const page = await dashboard.open(`/errors/${hash}`, { as: 'reader' });
    await page.getByRole('heading', { name: 'the clock stopped' }).waitFor();
    await page.getByText('read-only').waitFor();
    for (const name of ['Resolve', 'Ignore…', 'Assign…', 'Make a rule…', 'Add note']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
    await page.goto('/webhooks');
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
    expect(await page.getByRole('button', { name: 'Send a test' }).count()).toBe(0);
    const refused = await page.request.post(`/v1/errors/${hash}/actions`, { data: { action: 'resolve' } });
    expect(refused.status()).toBe(403);
  });

  it('shows figures of a time and a service', async () => {
    await dashboard.fail(
      { name: 'Error', message: 'the meter ticks' },
      { service: 'meters', occurrences: 7 },
    );
    const page = await dashboard.open('/statistics?service=meters');
    await page.locator('.tile', { hasText: 'Occurrences' }).getByText('7', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'the meter ticks' }).waitFor();
    // The model stands behind OPENAI_BASE_URL: nobody knows its price.
    await page.locator('.tile', { hasText: 'Spent' }).getByText('–', { exact: true }).waitFor();
    await page.getByText('the price of the model is not known').waitFor();
    await page.locator('.bars canvas').waitFor();
    expect((await page.locator('.chart details').boundingBox())?.y).toBeCloseTo(
      await page.locator('.bars canvas').evaluate((canvas) => canvas.getBoundingClientRect().bottom),
      -1.5,
    );
    await page.locator('select').selectOption('week');
    await page.waitForURL(/range=week/);
  });
});
