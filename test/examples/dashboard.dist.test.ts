import { expect, it } from 'vitest';
import type { ErrorPage } from '../../sink/history/history.ts';
import { runApp } from '../support/run-app.ts';

it('npm run dashboard: the applications fail into a dashboard, until Ctrl-C', async () => {
  let asked: Promise<ErrorPage> | undefined;
  const run = await runApp(new URL('../../examples/dashboard.js', import.meta.url), {
    timeoutMs: 40_000,
    onOutput(text, kill) {
      const url = /^The dashboard: (http\S+)$/m.exec(text)?.[1];
      if (url === undefined) return;
      asked = untilAnalysed(url).finally(() => kill('SIGINT'));
    },
  });
  expect(run.stderr).toBe('');
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/Stopping\.\n$/);
  const { errors = [] } = (await asked) ?? {};
  expect(new Set(errors.flatMap(({ services }) => services))).toEqual(new Set(['orders', 'shipping']));
  expect(errors.find(({ message }) => message.includes('address'))).toMatchObject({
    rootCause: 'invoiceFor reads order.customer.address, but an order of a guest has no customer.',
    source: 'llm',
  });
}, 50_000);

/** The list, as soon as its six errors are there and explained. */
async function untilAnalysed(url: string): Promise<ErrorPage> {
  const page = (await (await fetch(`${url}/v1/errors`)).json()) as ErrorPage;
  if (page.errors.filter(({ rootCause }) => rootCause).length === 6) return page;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return untilAnalysed(url);
}
