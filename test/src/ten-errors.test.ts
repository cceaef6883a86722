import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTextFormat } from '../../sink/cli/analysis-text.ts';
import { type AnalysisRecord, toAnalysisRecord } from '../../src/analysis-record.ts';
import { captureErrorLog } from '../../src/capture.ts';
import { ErrorAnalysisEngine } from '../../src/engine.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { AnalysisResult, LLMProvider } from '../../src/types.ts';
import { SOUND_ANSWER } from '../support/openai-server.ts';

/** Errors as Node throws them. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  'a refused connection': () => once(connect(1, '127.0.0.1'), 'connect'),
  'a missing package': () => import(/* @vite-ignore */ `no-such-package-${'x'}`),
  'a missing file': () => readFile('/no/such/file.json'),
  'a page instead of JSON': () => JSON.parse('<html>'),
  'a value that is not there': () => (undefined as unknown as { items: unknown }).items,
  'a port in use': async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const second = createServer().listen((first.address() as { port: number }).port, '127.0.0.1');
    await once(second, 'listening').finally(() => first.close());
  },
  'an unknown host': () => fetch('http://no-such-host.invalid/'),
  'an endless recursion': () => {
    const again = (): number => again() + 1;
    return again();
  },
  'a method that is not there': () => {
    const cart = {} as { total(): number };
    return cart.total();
  },
  'an error of the application': () => {
    throw new Error('Payment 4711 could not be booked: ledger closed');
  },
};

interface Shown {
  readonly result: AnalysisResult;
  readonly record: AnalysisRecord;
  readonly terminal: string;
}
const byRules = new Map<string, Shown>();
const byModel = new Map<string, Shown>();
const model: LLMProvider = {
  model: 'scripted',
  complete: async () => ({ text: JSON.stringify(SOUND_ANSWER), model: 'scripted' }),
};

async function show(error: unknown, engine: ErrorAnalysisEngine): Promise<Shown> {
  const event = parseErrorLogEvent({ errorLog: captureErrorLog(error), service: 'shop' });
  const result = await engine.processErrorLog(event);
  const record = toAnalysisRecord(event, result);
  return { result, record, terminal: createTextFormat({ colour: false })(record) };
}

beforeAll(async () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    const error = await (async () => fault())().then(
      () => expect.fail(`${name} did not happen`),
      (thrown: unknown) => thrown,
    );
    byRules.set(name, await show(error, new ErrorAnalysisEngine()));
    byModel.set(name, await show(error, new ErrorAnalysisEngine({ llmProvider: model })));
  }
});

describe.each([
  ['by rules', byRules],
  ['by a model', byModel],
])('ten real errors, judged %s', (_by, shown) => {
  it.each(Object.keys(FAULTS))('%s is one line in the log that says what is wrong and what to do', (name) => {
    const { record, result } = shown.get(name) as Shown;
    expect(record.msg).toMatch(/^Patrol(?: \(\d+ % sure.*?\))?(?: at \S+)?: (?:[A-Z"]|cart\.total ).+[.…)]$/);
    expect(record.msg).not.toMatch(/\n|undefined undefined|\[object|NaN|null\b/);
    if (result.rootCause === '') expect(record.msg).toContain('No root cause found, because');
    else expect(record.msg).toContain(' Fix: ');
  });

  it.each(Object.keys(FAULTS))('%s is a short block in a terminal', (name) => {
    const lines = (shown.get(name) as Shown).terminal.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(9);
    expect(lines[0]).toContain('Error');
    expect(lines[1]).toContain('Cause');
    expect(lines.join('\n')).toMatch(/Fix|Next/);
  });

  it.each(Object.keys(FAULTS))('%s is JSON that a program can read back', (name) => {
    const { record } = shown.get(name) as Shown;
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(record.patrol.confidenceReasons.every((reason) => /^[A-Z\d].*[.]$/.test(reason))).toBe(true);
  });
});
