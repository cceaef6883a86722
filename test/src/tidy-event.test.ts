import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseErrorLogEvent } from '../../src/event.ts';
import { CheckedEvent, readTidyEvent } from '../../src/tidy-event.ts';

const tidy = {
  eventId: 'e-1',
  timestamp: 1_700_000_000_000,
  errorLog: {
    message: 'boom',
    name: 'TypeError',
    code: 'E_BOOM',
    filePath: 'src/a.ts',
    lineNumber: 7,
    stackTrace: 'TypeError: boom\n    at f (src/a.ts:7:1)',
    context: { reqId: 'r-1' },
  },
  repositoryUrl: 'https://github.com/acme/shop',
  commit: 'abc1234',
  service: 'shop',
  environment: 'production',
  occurrences: 12,
  firstSeen: 1_699_999_999_000,
  lastSeen: 1_700_000_000_000,
};

/** The longest texts and the limits of numbers, by field. */
const LIMITS: Readonly<Record<string, number | readonly [number, number]>> = {
  eventId: 256,
  timestamp: [0, 8.64e15],
  repositoryUrl: 2048,
  commit: 200,
  service: 200,
  environment: 200,
  occurrences: [1, 1e12],
  firstSeen: [0, 8.64e15],
  lastSeen: [0, 8.64e15],
  'errorLog.message': 16_384,
  'errorLog.name': 256,
  'errorLog.code': 256,
  'errorLog.filePath': 1024,
  'errorLog.lineNumber': [0, 1e9],
  'errorLog.stackTrace': 65_536,
};
const FILLED = ['eventId', 'errorLog.name', 'errorLog.code'];
const NEEDED = ['eventId', 'timestamp', 'occurrences', 'errorLog', 'errorLog.message'];

/** The event with another value in a field, or without it. */
function withField(path: string, value: unknown): Record<string, unknown> {
  const [first = '', second] = path.split('.');
  if (second === undefined) return { ...tidy, [first]: value };
  return { ...tidy, errorLog: { ...tidy.errorLog, [second]: value } };
}
function without(path: string): Record<string, unknown> {
  const event = structuredClone(tidy) as unknown as Record<string, Record<string, unknown>>;
  const [first = '', second] = path.split('.');
  if (second === undefined) delete event[first];
  else delete event[first]?.[second];
  return event;
}

describe('an event as a transport writes it', () => {
  it('is read in one go, and known again', () => {
    const read = readTidyEvent(tidy);
    expect(read).toEqual(tidy);
    expect(CheckedEvent.is(read ?? {})).toBe(true);
    expect(CheckedEvent.is(tidy)).toBe(false);
    expect(parseErrorLogEvent(read)).toBe(read);
  });

  for (const [path, limit] of Object.entries(LIMITS)) {
    it(`may have ${path} up to its limit`, () => {
      const [good, bad] =
        typeof limit === 'number'
          ? [
              ['a', 'x'.repeat(limit), ...(FILLED.includes(path) ? [] : [''])],
              ['x'.repeat(limit + 1), '\ud800', 7, null, ...(FILLED.includes(path) ? [''] : [])],
            ]
          : [limit, [limit[0] - 1, limit[1] + 1, 2.5, '7', null]];
      for (const value of good) expect(readTidyEvent(withField(path, value))).toEqual(withField(path, value));
      for (const value of bad) expect(readTidyEvent(withField(path, value))).toBeUndefined();
    });
  }

  it('may lack what is not needed, and nothing else', () => {
    for (const path of [...Object.keys(LIMITS), 'errorLog', 'errorLog.context']) {
      expect(readTidyEvent(without(path)), path).toEqual(NEEDED.includes(path) ? undefined : without(path));
    }
  });

  it('is no tidy one with another field, or another shape', () => {
    for (const [path, value] of [
      ['fingerprint', ['a']],
      ['region', 'eu'],
      ['errorLog', 'boom'],
      ['errorLog', null],
      ['errorLog.severity', 'high'],
      ['errorLog.context', {}],
      ['errorLog.context', 'text'],
    ] as const) {
      expect(readTidyEvent(withField(path, value)), path).toBeUndefined();
    }
  });

  it('is read as any other is, whatever is in it', () => {
    const outcome = (event: unknown) => {
      try {
        return parseErrorLogEvent(event);
      } catch (error) {
        return String(error);
      }
    };
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('x'.repeat(300), '\ud800', '', -1, 0, 1, 2 ** 53, null, {}, []),
      fc.double(),
      fc.object(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(LIMITS), 'errorLog', 'errorLog.context'),
        anything,
        (path, value) => {
          const event = withField(path, value);
          // A field that is left out by `null` makes the slower reader read it.
          const slower = outcome({ ...event, fingerprint: null });
          expect(outcome(event)).toEqual(path === 'eventId' && value === null ? expect.anything() : slower);
        },
      ),
    );
  });
});
