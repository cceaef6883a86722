import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type ServerOptions, type SinkServer } from '../../../sink/server.ts';
import { createSinkLog } from '../../../sink/sink-log.ts';

let server: SinkServer;

afterEach(() => server.close(1000));

async function start(options: ServerOptions = {}): Promise<void> {
  server = await createServer({
    port: 0,
    host: '127.0.0.1',
    parts: { log: createSinkLog(() => {}) },
    ...options,
  });
}

const ADMIN = 'an-admin-token-for-tests';
const READER = 'a-reader-token-for-tests';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = { 'content-type': 'application/json' };

const get = (headers: Record<string, string> = {}) => fetch(`${server.url}/v1/session`, { headers });
const signIn = (token: string, headers: Record<string, string> = json, more: object = {}) =>
  fetch(`${server.url}/v1/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ token, ...more }),
  });
/** fetch sets some headers itself. */
const rawStatus = (headers: Record<string, string>, method = 'GET', path = '/v1/session') =>
  new Promise<number>((resolve, reject) => {
    request(`${server.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end(method === 'GET' ? undefined : '{}');
  });

describe('without sign-in', () => {
  it('everybody on this machine is an admin', async () => {
    await start();
    expect(await (await get()).json()).toEqual({ name: 'local', role: 'admin', signIn: 'none' });
  });

  it('a name that points here, or a proxy, lets nobody in', async () => {
    await start();
    expect(await rawStatus({ host: 'attacker.example' })).toBe(403);
    expect(await rawStatus({ 'x-forwarded-for': '203.0.113.7' })).toBe(403);
    expect(await rawStatus({ host: 'localhost:8080' })).toBe(200);
  });
});

describe('tokens', () => {
  it('name an admin, a reader, or nobody', async () => {
    await start({ dashboardToken: ADMIN, dashboardReaderToken: READER, sinkToken: 'a-sink-token-for-tests' });
    expect(await (await get(bearer(ADMIN))).json()).toMatchObject({ role: 'admin', signIn: 'token' });
    expect(await (await get(bearer(READER))).json()).toMatchObject({ role: 'reader' });
    for (const headers of [{}, bearer('wrong'), bearer('a-sink-token-for-tests')]) {
      const response = await get(headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    }
  });

  it('give no access to the applications’ side', async () => {
    await start({ dashboardToken: ADMIN, sinkToken: 'a-sink-token-for-tests' });
    const response = await fetch(`${server.url}/v1/events`, { method: 'POST', headers: bearer(ADMIN) });
    expect(response.status).toBe(401);
  });

  it('begin a session that only this site’s pages send, under the name that its owner gives', async () => {
    await start({ dashboardToken: ADMIN });
    const response = await signIn(ADMIN, json, { name: 'Mina ' });
    expect(await response.json()).toEqual({ name: 'Mina', role: 'admin', signIn: 'token' });
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).not.toContain(ADMIN);
    const session = cookie.split(';')[0] ?? '';
    expect(await (await get({ cookie: session })).json()).toMatchObject({ name: 'Mina', role: 'admin' });
    expect((await get({ cookie: session.replace('admin', 'admln') })).status).toBe(401);
    expect((await signIn('a-wrong-token-for-tests')).status).toBe(401);
  });

  it('end their sessions when they change', async () => {
    await start({ dashboardToken: ADMIN });
    const cookie = (await signIn(ADMIN)).headers.get('set-cookie')?.split(';')[0] ?? '';
    await server.close(1000);
    await start({ dashboardToken: `${ADMIN}-rotated` });
    expect((await get({ cookie })).status).toBe(401);
  });

  it('are refused when they could be guessed', async () => {
    await start();
    await expect(createServer({ port: 0, dashboardToken: 'short' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('16 characters'),
    });
  });
});

describe('guessing', () => {
  const OTHERS = { 'x-forwarded-for': '203.0.113.7' };
  const guess = (count: number, headers: Record<string, string> = {}, token = 'a-wrong-token-for-tests') =>
    Promise.all(
      Array.from({ length: count }, async () => (await signIn(token, { ...json, ...headers })).status),
    );
  const statuses = async (...headers: Record<string, string>[]) =>
    Promise.all(headers.map(async (one) => (await get(one)).status));

  it('ends after ten wrong tokens, and says for how long; even the right one is not looked at', async () => {
    await start({ dashboardToken: ADMIN });
    expect(new Set(await guess(7))).toEqual(new Set([401]));
    expect(await statuses(bearer('wrong'), bearer('wrong'), bearer('wrong'))).toEqual([401, 401, 401]);
    const response = await signIn(ADMIN);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await response.json()).toMatchObject({ error: { code: 'TOO_MANY_GUESSES' } });
    expect(await statuses(bearer(ADMIN), bearer('wrong'), {})).toEqual([429, 429, 401]);
  });

  it('costs nobody else anything: right tokens, sessions, and other addresses behind the same proxy', async () => {
    await start({ dashboardToken: ADMIN, dashboardUserHeader: 'X-Forwarded-Email' });
    const cookie = (await signIn(ADMIN)).headers.get('set-cookie')?.split(';')[0] ?? '';
    for (let count = 0; count < 30; count++) expect((await get(bearer(ADMIN))).status).toBe(200);
    expect(await guess(12, OTHERS)).toContain(429);
    expect(await statuses(OTHERS, { ...OTHERS, ...bearer(ADMIN) })).toEqual([401, 429]);
    expect(await statuses(bearer(ADMIN), { 'x-forwarded-for': '198.51.100.1', ...bearer(ADMIN) })).toEqual([
      200, 200,
    ]);
    // Known otherwise, with or without a token of somebody else's.
    expect(await statuses({ ...OTHERS, cookie }, { ...OTHERS, ...bearer('wrong'), cookie })).toEqual([
      200, 200,
    ]);
    expect(
      await statuses({ ...OTHERS, ...bearer('wrong'), 'x-forwarded-email': 'mina@example.com' }),
    ).toEqual([200]);
  });

  it('does not count what an address claims of others before it, nor one of IPv6 among its neighbours', async () => {
    await start({ dashboardToken: ADMIN });
    for (let host = 0; host < 10; host++) {
      await guess(1, { 'x-forwarded-for': `198.51.100.${host}, 2001:db8::7:${host}:1` });
    }
    expect(await guess(1, { 'x-forwarded-for': '2001:db8:0:0:9::' })).toEqual([429]);
    expect(await guess(1, { 'x-forwarded-for': '2001:db8:0:1::1' })).toEqual([401]);
  });

  it('from very many addresses ends too, but not for who was let in before', async () => {
    await start({ dashboardToken: ADMIN });
    const mine = { 'x-forwarded-for': '192.0.2.1' };
    await signIn(ADMIN, { ...json, ...mine });
    const from = (index: number) => ({ 'x-forwarded-for': `198.51.${100 + (index >> 8)}.${index & 255}` });
    const many = await Promise.all(Array.from({ length: 320 }, (_, index) => guess(1, from(index))));
    expect(many.flat().filter((status) => status === 401)).toHaveLength(300);
    expect(await statuses({ ...bearer(ADMIN), ...from(500) }, { ...bearer(ADMIN), ...mine })).toEqual([
      429, 200,
    ]);
  });
});

describe('a trusted proxy’s header', () => {
  it('names people, of whom the listed ones are admins', async () => {
    await start({ dashboardUserHeader: 'X-Forwarded-Email', dashboardAdmins: ['mina@example.com'] });
    const as = async (email: string) => (await get({ 'x-forwarded-email': email })).json();
    expect(await as('mina@example.com')).toEqual({
      name: 'mina@example.com',
      role: 'admin',
      signIn: 'proxy',
    });
    expect(await as('jun@example.com')).toMatchObject({ role: 'reader' });
    expect((await get()).status).toBe(401);
  });
});

describe('a proxy that passes on the token that its people brought', () => {
  it('names them all the same', async () => {
    await start({ dashboardToken: ADMIN, dashboardUserHeader: 'X-Forwarded-Email' });
    const basic = { authorization: `Basic ${Buffer.from('mina:').toString('base64')}` };
    const response = await get({ ...basic, 'x-forwarded-email': 'mina@example.com' });
    expect(await response.json()).toMatchObject({ name: 'mina@example.com', signIn: 'proxy' });
    expect((await get(basic)).status).toBe(401);
  });
});

describe('writing', () => {
  it('is refused from other sites, and in any form but JSON', async () => {
    await start();
    const write = (headers: Record<string, string>) => rawStatus({ ...json, ...headers }, 'POST');
    expect(await write({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await write({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await write({ origin: 'https://attacker.example' })).toBe(403);
    expect(await write({ 'content-type': 'text/plain' })).toBe(415);
    // Let through, and answered as a wrong token.
    expect(await write({ 'sec-fetch-site': 'same-origin' })).toBe(401);
    expect(await write({ origin: server.url })).toBe(401);
  });

  it('is refused to readers', async () => {
    await start({ dashboardToken: ADMIN, dashboardReaderToken: READER });
    expect(await rawStatus({ ...json, ...bearer(READER) }, 'POST', '/v1/elsewhere')).toBe(403);
    expect(await rawStatus({ ...json, ...bearer(ADMIN) }, 'POST', '/v1/elsewhere')).toBe(404);
  });
});
