import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { startOpenAI } from '../support/openai-server.ts';
import { type AppRun, runApp } from '../support/run-app.ts';

const demo = new URL('../../examples/demo.js', import.meta.url);
const demoAws = new URL('../../examples/demo-aws.js', import.meta.url);

/** The block of the first analysis that follows a text in the log. */
function analysisAfter(stdout: string, text: string): string {
  const from = stdout.indexOf(text);
  expect(from, `${text} is in the log`).toBeGreaterThan(-1);
  const start = stdout.indexOf('Patrol ·', from);
  const end = stdout.slice(start).search(/\n(?! {4})/);
  return stdout.slice(start, end < 0 ? undefined : start + end);
}

/** A row of the summary. */
function row(stdout: string, label: string): number {
  return Number(new RegExp(`^ {2}${label} +(\\d+)$`, 'm').exec(stdout)?.[1]);
}

describe('npm run demo', () => {
  let run: AppRun;
  let lines: string;
  beforeAll(async () => {
    run = await runApp(demo, { cwd: tmpdir(), timeoutMs: 30_000 });
    lines = run.stdout.replace(/\s+/g, ' ');
  }, 40_000);

  it('ends by itself, without a word on standard error', () => {
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
  });

  it('shows a property read of undefined with its line, and owns up to guessing', () => {
    const analysis = analysisAfter(run.stdout, "Cannot read properties of undefined (reading 'address')");
    expect(analysis).toContain('services/invoices.js:6 (invoiceFor)');
    expect(analysis).toContain('order.customer.address.country');
    expect(Number(/(\d+) % sure/.exec(analysis)?.[1])).toBeLessThanOrEqual(60);
  });

  it('shows a refused connection with its port, three requests in one analysis', () => {
    const analysis = analysisAfter(run.stdout, 'POST /orders/1042/payment failed');
    expect(analysis).toContain('known error node/econnrefused');
    expect(analysis).toContain('clients/payments.js');
    expect(analysis).toContain('seen 3×');
    expect(analysis).toMatch(/Nothing accepts connections at 127\.0\.0\.1:\d+/);
  });

  it('shows the page that came in place of JSON', () => {
    const analysis = analysisAfter(run.stdout, 'availability failed');
    expect(analysis).toContain('known error json/html-instead-of-json');
    expect(analysis).toContain('return await response.json();');
  });

  it('shows the innermost cause of an error that was wrapped twice', () => {
    const analysis = analysisAfter(run.stdout, 'No label could be printed for shipment 7');
    expect(analysis).toContain('known error node/enoent');
    expect(analysis.replace(/\s+/g, '')).toContain('templates/express-label.txt');
  });

  it('shows a refused input with its field', () => {
    const analysis = analysisAfter(run.stdout, 'ZodError');
    expect(analysis).toContain('known error validation/zod');
    expect(analysis).toContain('"parcels", 0, "kg"');
  });

  it('shows every attempt of an AggregateError', () => {
    const analysis = analysisAfter(run.stdout, 'AggregateError');
    expect(analysis).toContain('known error node/econnrefused');
    expect(analysis.match(/127\.0\.0\.1:\d+/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('adds up: each logged error is counted in an analysis, repeats ask nobody', () => {
    expect(row(run.stdout, 'errors logged')).toBe(10);
    expect(row(run.stdout, 'errors accounted for in analyses')).toBe(10);
    expect(row(run.stdout, 'distinct errors')).toBe(6);
    expect(row(run.stdout, 'analyses made')).toBe(6);
    expect(row(run.stdout, 'answered from the cache')).toBeGreaterThanOrEqual(1);
    expect(row(run.stdout, 'calls to a model')).toBe(0);
  });

  it('says what a million lines would cost, and how that is computed', () => {
    expect(lines).toMatch(/without Patrol: every line asks \$\d{2,4}\.\d\d/);
    expect(lines).toMatch(/with Patrol: 3 distinct errors ask, once a day each \$0\.00\d\d/);
    expect(lines).toContain('How this is computed: the prompts for these 6 errors');
  });
});

describe('npm run demo with a key', () => {
  it('asks the model for what no rule is certain of, once each', async () => {
    const model = await startOpenAI();
    const run = await runApp(demo, { env: model.env, timeoutMs: 40_000 });
    const asked = model.requests().length;
    await model.stop();
    expect(run.code).toBe(0);
    expect(asked).toBe(3);
    expect(row(run.stdout, 'calls to a model')).toBe(3);
    expect(analysisAfter(run.stdout, "reading 'address'")).toContain('by gpt-4o-mini');
    expect(analysisAfter(run.stdout, 'POST /orders/1042/payment failed')).toContain('known error');
  }, 60_000);
});

describe('npm run demo:aws', () => {
  it('brings every analysis back through SQS and Lambda, and the poison alone to the dead-letter queue', async () => {
    const { stdout, stderr, code } = await runApp(demoAws, { cwd: tmpdir(), timeoutMs: 60_000 });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(row(stdout, 'errors accounted for in analyses')).toBe(10);
    expect(row(stdout, 'distinct errors')).toBe(6);
    expect(row(stdout, 'requests to the model')).toBe(3);
    expect(row(stdout, 'left in the event queue')).toBe(0);
    expect(row(stdout, 'left in the reply queues')).toBe(0);
    expect(row(stdout, 'in the dead-letter queue')).toBe(1);

    const analysis = analysisAfter(stdout, "reading 'address'");
    expect(analysis).toContain('by gpt-4o-mini · express-winston/services/invoices.js:6 (invoiceFor)');
    expect(analysis).toContain('(found in the source)');
    expect(analysis).toContain('order.customer?.address.country');
    expect(analysisAfter(stdout, 'AggregateError')).toContain('known error node/econnrefused');
  }, 90_000);
});
