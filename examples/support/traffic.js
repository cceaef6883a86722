import { once } from 'node:events';
import { createServer } from 'node:http';
import { freePort, startApp } from './apps.js';

/**
 * What clients ask of the two applications. Nothing here is told to fail: a guest order has no customer, a
 * provider is down, an upstream is in maintenance, a client sends text for a number, a template is missing.
 */
const traffic = [
  { app: 'orders', method: 'GET', path: '/orders/1042/invoice', times: 1, about: 'an order with an account' },
  {
    app: 'orders',
    method: 'GET',
    path: '/orders/1043/invoice',
    times: 1,
    about: 'a guest order has no customer',
  },
  {
    app: 'orders',
    method: 'POST',
    path: '/orders/1042/payment',
    times: 3,
    about: 'the payment provider is down, three clients try',
  },
  {
    app: 'orders',
    method: 'GET',
    path: '/orders/1042/availability',
    times: 1,
    about: 'the warehouse answers with a maintenance page',
  },
  {
    app: 'shipping',
    method: 'GET',
    path: '/shipments/7/label',
    times: 1,
    about: 'a label for which there is a template',
  },
  {
    app: 'shipping',
    method: 'GET',
    path: '/shipments/7/label?service=express',
    times: 1,
    about: 'a label for which there is none',
  },
  {
    app: 'shipping',
    method: 'POST',
    path: '/shipments',
    body: { order: 1042, parcels: [{ kg: '12' }] },
    times: 1,
    about: 'a client sends text for a number',
  },
  { app: 'shipping', method: 'GET', path: '/quotes?kg=4', times: 1, about: 'every carrier is down' },
  {
    app: 'orders',
    method: 'GET',
    path: '/orders/1043/invoice',
    times: 2,
    about: 'the guest order again, twice: nobody is asked any more',
  },
];

/**
 * Starts what the applications depend on (or rather: what of it is up), and the applications.
 *
 * @param {{ envOf: (name: string) => Record<string, string>, print: (line: string) => void }} options
 */
export async function startAll({ envOf, print }) {
  const warehouse = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!DOCTYPE html>\n<html><body>The warehouse is down for maintenance.</body></html>\n');
  });
  warehouse.listen(0, '127.0.0.1');
  await once(warehouse, 'listening');
  const closed = await Promise.all([freePort(), freePort(), freePort()]);
  const [payments, ...carriers] = closed.map((port) => `http://127.0.0.1:${port}`);
  const inventory = `http://127.0.0.1:${warehouse.address().port}`;

  const started = await Promise.allSettled([
    startApp({
      name: 'orders',
      folder: 'express-winston',
      env: { ...envOf('orders'), INVENTORY_URL: inventory, PAYMENTS_URL: payments },
      print,
    }),
    startApp({
      name: 'shipping',
      folder: 'fastify-pino',
      env: { ...envOf('shipping'), CARRIER_URLS: carriers.join(',') },
      print,
    }),
  ]);
  const apps = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async () => {
    await Promise.all(apps.map((app) => app.stop()));
    warehouse.closeAllConnections();
    warehouse.close();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { apps, stop };
}

/**
 * Sends the traffic; after each step waits until the log has an analysis for every error.
 *
 * @param {import('./apps.js').App[]} apps
 * @param {{ print: (line: string) => void, patienceMs: number }} options
 * @returns {Promise<boolean>} True when every error was analysed.
 */
export async function sendTraffic(apps, { print, patienceMs }) {
  const failed = new Map();
  let complete = true;
  for (const { app: name, method, path, body, times, about } of traffic) {
    const app = apps.find((one) => one.name === name);
    print('');
    print(`── ${method} ${path}${times > 1 ? ` ×${times}` : ''}: ${about}`);
    const statuses = await Promise.all(
      Array.from({ length: times }, () => request(app, { method, path, body })),
    );
    const failures = statuses.filter((status) => status >= 500).length;
    const expected = (failed.get(name) ?? 0) + failures;
    failed.set(name, expected);
    complete = (await app.until(({ analyses }) => seen(analyses) >= expected, patienceMs)) && complete;
    // The block is written in one go, but its lines may arrive in two chunks.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return complete;
}

/**
 * Sends the same traffic over and over, one request after the other: at once in the first round, then at a pace
 * that a person can follow.
 *
 * @param {import('./apps.js').App[]} apps
 * @param {{ everyMs: number }} options
 */
export function keepSending(apps, { everyMs }) {
  let stopped = false;
  let wake = () => {};
  const pause = () =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const send = async () => {
    for (let round = 0; !stopped; round += 1) {
      for (const { app: name, method, path, body } of traffic) {
        const app = apps.find((one) => one.name === name);
        // An application that is just being stopped answers nobody.
        await request(app, { method, path, body }).catch(() => {});
        if (stopped) return;
        if (round > 0) await pause();
      }
    }
  };
  const done = send();
  return {
    async stop() {
      stopped = true;
      wake();
      await done;
    },
  };
}

async function request(app, { method, path, body }) {
  const response = await fetch(`${app.url}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  await response.text();
  return response.status;
}

/** @param {import('./apps.js').Analysis[]} analyses */
export function seen(analyses) {
  return analyses.reduce((sum, analysis) => sum + analysis.occurrences, 0);
}
