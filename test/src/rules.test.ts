import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rmdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { captureErrorLog } from '../../src/capture.ts';
import { createRuleMatcher, knownErrors, type RuleMatch } from '../../src/rules.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';

const match = createRuleMatcher(knownErrors);

function diagnose(thrown: unknown): RuleMatch | undefined {
  const errorLog = captureErrorLog(thrown);
  return match(errorLog, parseStackTrace(errorLog.stackTrace ?? ''));
}

async function failureOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing failed.');
}

/** A port at which nothing listens: one that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

let directory: string;
let website: http.Server;
let websiteUrl: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patrol-rules-'));
  website = http.createServer((request, response) => {
    if (request.url === '/cut') return void response.socket?.destroy();
    if (request.url === '/slow') return;
    response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>Down for maintenance</title>');
  });
  website.listen(0, '127.0.0.1');
  await once(website, 'listening');
  websiteUrl = `http://127.0.0.1:${(website.address() as AddressInfo).port}`;
});

afterAll(() => {
  website.closeAllConnections();
  website.close();
});

// biome-ignore lint/suspicious/noExplicitAny: these are the mistakes that the type check would catch.
const untyped = (value: unknown): any => value;

describe('an error that Node really raised is known, with its particulars', () => {
  it('a refused connection, with address and port', async () => {
    const port = await closedPort();
    const error = await failureOf(() => once(net.connect(port, '127.0.0.1'), 'connect'));
    const known = diagnose(error);
    expect(known).toMatchObject({ id: 'node/econnrefused', category: 'network', matched: 'error' });
    expect(known?.rootCause).toContain(`127.0.0.1:${port}`);
    expect(known?.confidence).toBeGreaterThanOrEqual(90);
    expect(known?.needsCode).toBe(false);
  });

  it('a refused fetch, although only the cause tells', async () => {
    const port = await closedPort();
    const known = diagnose(await failureOf(() => fetch(`http://127.0.0.1:${port}/`)));
    expect(known).toMatchObject({ id: 'node/econnrefused', matched: 'cause' });
    expect(known?.reason).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
  });

  it('a refused connection three causes deep', async () => {
    const port = await closedPort();
    const refused = await failureOf(() => fetch(`http://127.0.0.1:${port}/`));
    const error = new Error('Checkout failed', {
      cause: new Error('Could not load the cart', { cause: refused }),
    });
    const known = diagnose(error);
    expect(known).toMatchObject({ id: 'node/econnrefused', matched: 'cause' });
    expect(known?.rootCause).toContain(`127.0.0.1:${port}`);
    expect(known?.reason).toContain('cause 3');
  });

  it('Promise.any over closed ports, each port named', async () => {
    const ports = await Promise.all([closedPort(), closedPort()]);
    const error = await failureOf(() =>
      Promise.any(ports.map((port) => once(net.connect(port, '127.0.0.1'), 'connect'))),
    );
    const known = diagnose(error);
    expect(known).toMatchObject({ id: 'node/econnrefused', matched: 'cause' });
    for (const port of ports) expect(known?.rootCause).toContain(`127.0.0.1:${port}`);
  });

  it('a refused connection by name, where Node tries both address families', async () => {
    const port = await closedPort();
    const known = diagnose(await failureOf(() => once(net.connect(port, 'localhost'), 'connect')));
    expect(known?.id).toBe('node/econnrefused');
    expect(known?.rootCause).toContain(`:${port}`);
  });

  it('a port that is taken', async () => {
    const { port } = website.address() as AddressInfo;
    const server = net.createServer();
    const error = await failureOf(() => once(server.listen(port, '127.0.0.1'), 'listening'));
    expect(diagnose(error)).toMatchObject({
      id: 'node/eaddrinuse',
      rootCause: expect.stringContaining(`Port ${port}`),
    });
  });

  it('a host that does not exist', async () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND db.internal.invalid'), {
      code: 'ENOTFOUND',
    });
    expect(diagnose(error)).toMatchObject({
      id: 'node/enotfound',
      rootCause: expect.stringContaining('"db.internal.invalid"'),
    });
  });

  it('a connection cut by the other side', async () => {
    expect(diagnose(await failureOf(() => fetch(`${websiteUrl}/cut`)))?.id).toBe('node/socket-hang-up');
    const request = http.get(`${websiteUrl}/cut`);
    expect(diagnose(await failureOf(() => once(request, 'response')))?.id).toBe('node/socket-hang-up');
  });

  it('a time limit that was over', async () => {
    const error = await failureOf(() => fetch(`${websiteUrl}/slow`, { signal: AbortSignal.timeout(20) }));
    expect(diagnose(error)).toMatchObject({ id: 'abort/timeout', category: 'timeout' });
  });

  it('a cancelled request', async () => {
    const controller = new AbortController();
    const pending = failureOf(() => fetch(`${websiteUrl}/slow`, { signal: controller.signal }));
    controller.abort();
    expect(diagnose(await pending)?.id).toBe('abort/aborted');
  });

  it('an HTML page where JSON was expected', async () => {
    const error = await failureOf(async () => (await fetch(websiteUrl)).json());
    const known = diagnose(error);
    expect(known).toMatchObject({ id: 'json/html-instead-of-json', needsCode: false });
    expect(known?.rootCause).toContain('<!DOCTYPE');
  });

  it('a body that is read twice', async () => {
    const response = await fetch(websiteUrl);
    await response.text();
    expect(diagnose(await failureOf(() => response.text()))?.id).toBe('undici/body-used');
  });

  it.each([
    ['json/truncated', () => JSON.parse('{"a":')],
    ['json/truncated', () => JSON.parse('')],
    ['json/undefined', () => JSON.parse(String(undefined))],
    ['json/object-object', () => JSON.parse(String({}))],
    ['json/invalid', () => JSON.parse("{'a': 1}")],
    ['json/invalid', () => JSON.parse('{"a": 1,}')],
    ['json/invalid', () => JSON.parse('{"a": 1} trailing')],
    ['json/invalid', () => JSON.parse('plain text')],
    ['url/invalid', () => new URL('/orders')],
    ['url/invalid', () => fetch('/orders')],
    ['fetch/bad-port', () => fetch('http://127.0.0.1:6667/')],
    ['url/protocol', () => http.get(untyped('https://127.0.0.1/'))],
    ['js/read-property-of-nullish', () => untyped(undefined).name],
    [
      'js/set-property-of-nullish',
      () => {
        untyped(null).name = 1;
      },
    ],
    [
      'js/destructure-nullish',
      () => {
        const { name } = untyped(undefined);
        return name;
      },
    ],
    ['js/not-a-function', () => untyped({}).save()],
    ['js/not-iterable', () => [...untyped(7)]],
    ['js/not-a-constructor', () => new (untyped({ a: 1 }).a)()],
    ['js/class-without-new', () => untyped(class Order {})()],
    [
      'js/temporal-dead-zone',
      () => {
        const early = () => late;
        early();
        const late = 1;
        return late;
      },
    ],
    ['js/not-defined', () => new Function('return missingName')()],
    ['js/commonjs-name-in-esm', () => new Function('return __dirname')()],
    ['js/assign-to-constant', () => new Function('const a = 1; a = 2')()],
    [
      'js/assign-to-read-only',
      () => {
        untyped(Object.freeze({ a: 1 })).a = 2;
      },
    ],
    [
      'js/circular-json',
      () => {
        const order: Record<string, unknown> = {};
        order.self = order;
        return JSON.stringify(order);
      },
    ],
    ['js/bigint-json', () => JSON.stringify({ id: 1n })],
    ['js/bigint-mix', () => untyped(1n) + 1],
    [
      'js/stack-overflow',
      () => {
        const again = (): unknown => [again()];
        return again();
      },
    ],
    ['js/invalid-array-length', () => new Array(-1)],
    ['js/invalid-date', () => new Date('soon').toISOString()],
    ['js/to-fixed-range', () => (1).toFixed(101)],
    ['js/reduce-of-empty', () => [].reduce((sum) => sum)],
    ['js/uri-malformed', () => decodeURIComponent('%')],
    ['js/invalid-regexp', () => new RegExp(['('].join())],
    ['js/in-operator', () => 'a' in untyped('text')],
    ['js/to-object', () => Object.keys(untyped(undefined))],
    ['node/structured-clone', () => structuredClone(() => 1)],
    ['node/invalid-arg-type', () => join(untyped(undefined))],
    ['node/socket-bad-port', () => net.connect(70_000)],
    ['node/out-of-range', () => Buffer.alloc(4).readInt8(9)],
    ['memory/buffer', () => new Uint8Array(-1)],
    ['memory/string', () => 'x'.repeat(2 ** 29).repeat(2)],
    ['crypto/equal-length', () => timingSafeEqual(Buffer.from('a'), Buffer.from('ab'))],
    ['stream/bad-zip', () => gunzipSync(Buffer.from('plain text'))],
    ['worker/path', () => new Worker('worker.js')],
    ['node/enoent', () => readFile(join(directory, 'missing.json'))],
    ['node/eisdir', () => readFile(directory)],
    ['node/spawn-enoent', () => once(spawn('no-such-command-here'), 'spawn')],
    ['node/socket-bad-port', () => net.createServer().listen(-1)],
  ])('%s', async (id, run) => {
    const known = diagnose(await failureOf(run));
    expect(known?.id).toBe(id);
    expect(known?.rootCause).not.toContain('(unknown)');
  });

  it('a file in the way of a directory, a directory that is there or not empty', async () => {
    const file = join(directory, 'file');
    await writeFile(file, 'x');
    expect(diagnose(await failureOf(() => readFile(join(file, 'inner'))))?.id).toBe('node/enotdir');
    expect(diagnose(await failureOf(() => mkdir(directory)))?.id).toBe('node/eexist');
    expect(diagnose(await failureOf(() => rmdir(directory)))?.id).toBe('node/enotempty');
  });

  it('names the property that was read, and does not claim to know why', () => {
    const error = untypedFailure(() => untyped({}).customer.address);
    const known = diagnose(error);
    expect(known?.rootCause).toContain('"address"');
    expect(known?.needsCode).toBe(true);
    expect(known?.confidence).toBeLessThanOrEqual(45);
  });

  it('names the file and the call', async () => {
    const known = diagnose(await failureOf(() => readFile('/nowhere/settings.json')));
    expect(known?.rootCause).toContain('"/nowhere/settings.json"');
    expect(known?.rootCause).toContain('open');
  });

  it('a missing package and a missing file', async () => {
    const missingPackage = 'no-such-package-here';
    const missing = diagnose(await failureOf(() => importInNode(`import('${missingPackage}')`)));
    expect(missing).toMatchObject({ id: 'module/package-missing', category: 'dependency' });
    expect(missing?.suggestedFix).toContain(`npm install ${missingPackage}`);
    const file = diagnose(await failureOf(() => importInNode("require('./no-such-file.js')")));
    expect(file).toMatchObject({ id: 'module/file-missing' });
  });

  it('a stream that closed early, was written after its end, or was given null', async () => {
    const source = new PassThrough();
    const copy = pipeline(source, new PassThrough());
    source.destroy();
    expect(diagnose(await failureOf(() => copy))?.id).toBe('stream/premature-close');

    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    sink.end();
    const late = once(sink, 'never');
    sink.write('late');
    expect(diagnose(await failureOf(() => late))?.id).toBe('stream/write-after-end');

    const readable = new Readable({ read() {} });
    const pushed = once(readable, 'never');
    readable.push(null);
    readable.push('more');
    expect(diagnose(await failureOf(() => pushed))?.id).toBe('stream/push-after-eof');
  });

  it('a response that was answered twice', async () => {
    const server = http.createServer((_request, response) => {
      response.end('first');
      try {
        response.setHeader('x-late', '1');
      } catch (error) {
        server.emit('caught', error);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const caught = once(server, 'caught');
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const [error] = await caught;
    server.close();
    expect(diagnose(error)?.id).toBe('server/headers-sent');
  });

  it('a schema that refuses the input, with field and reason', () => {
    const schema = z.object({ items: z.array(z.object({ quantity: z.number() })) });
    const known = diagnose(untypedFailure(() => schema.parse({ items: [{ quantity: 'two' }] })));
    expect(known?.id).toBe('validation/zod');
    expect(known?.rootCause).toContain('items');
    expect(known?.rootCause).toContain('expected number');
  });

  it('an error that another process serialised', async () => {
    const port = await closedPort();
    const error = (await failureOf(() => once(net.connect(port, '127.0.0.1'), 'connect'))) as Error;
    const line = JSON.stringify({
      level: 50,
      msg: error.message,
      err: { type: 'Error', message: error.message },
    });
    expect(diagnose(line)?.id).toBe('node/econnrefused');
  });
});

describe('an error that nobody knows', () => {
  it('stays unknown', () => {
    expect(diagnose(new Error('The moon is in the wrong phase'))).toBeUndefined();
    expect(diagnose('nothing to see')).toBeUndefined();
    expect(diagnose(undefined)).toBeUndefined();
  });
});

function untypedFailure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing failed.');
}

/** Node itself resolves modules differently from the test runner: a child that throws shows its error on stderr. */
async function importInNode(code: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', code], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  throw text;
}
