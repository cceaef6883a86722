import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorLogEvent } from '../../src/types.ts';
import {
  eventRecord,
  HEAD_BYTES,
  parseSpooled,
  readSpool,
  writeRepeat,
  writeSettled,
} from '../../transports/spool/format.ts';
import { newSpoolName, parseSpoolName } from '../../transports/spool/owner.ts';
import { createSpool, destinationOf, type Spool } from '../../transports/spool.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'patrol-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const event = (eventId: string, firstSeen = 1000): ErrorLogEvent => ({
  eventId,
  timestamp: firstSeen,
  errorLog: { message: `boom ${eventId} – ünïcode` },
  occurrences: 1,
  firstSeen,
  lastSeen: firstSeen,
});
const DESTINATION = '0123456789abcdef';
const problems: string[] = [];
const start = (given: string | undefined = directory): Spool =>
  createSpool({ directory: given, destination: DESTINATION, onTrouble: (problem) => problems.push(problem) });
const add = (spool: Spool, id: string, firstSeen = 1000) => {
  const entry = spool.add(JSON.stringify(event(id, firstSeen)), firstSeen);
  if (!entry) throw new Error('not spooled');
  return entry;
};
/** Makes the files look as if their process had died. */
const die = () => {
  for (const file of readdirSync(directory)) {
    const path = join(directory, file);
    const contents = readFileSync(path);
    rmSync(path);
    writeFileSync(join(directory, newSpoolName(DESTINATION, false)), contents);
  }
};
const recovered = (spool: Spool = start()) => spool.recover(100);

describe('what a dead process leaves', () => {
  it('is found by the next one, with exact counts and times', () => {
    const spool = start();
    const first = add(spool, 'a', 1000);
    add(spool, 'b', 2000);
    first.repeat?.(1500);
    first.repeat?.(4000);
    die();

    const { events, lost } = recovered();
    expect(lost).toBe(0);
    expect(
      events.map(({ event: { eventId, occurrences, firstSeen, lastSeen } }) => [
        eventId,
        occurrences,
        firstSeen,
        lastSeen,
      ]),
    ).toEqual([
      ['a', 3, 1000, 4000],
      ['b', 1, 2000, 2000],
    ]);
    expect(events[0]?.event.errorLog.message).toBe('boom a – ünïcode');
  });

  it('does not include what was delivered', () => {
    const spool = start();
    add(spool, 'a').settle();
    add(spool, 'b');
    const third = add(spool, 'c');
    third.settle();
    die();
    expect(recovered().events.map(({ event: { eventId } }) => eventId)).toEqual(['b']);
  });

  it('is taken by one of several processes', () => {
    const spool = start();
    add(spool, 'a');
    die();
    const [one, other] = [start(), start()];
    expect(one.recover(10).events.length + other.recover(10).events.length).toBe(1);
  });

  it('passes on to the next when the one that took it dies, too, without what it delivered', () => {
    const spool = start();
    add(spool, 'a');
    add(spool, 'b');
    die();
    recovered().events[0]?.entry.settle();
    die();
    expect(recovered().events.map(({ event: { eventId } }) => eventId)).toEqual(['b']);
  });

  it('is gone when all of it was delivered', () => {
    const spool = start();
    add(spool, 'a');
    die();
    for (const { entry } of recovered().events) entry.settle();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('can be taken a few at a time', () => {
    const spool = start();
    for (let index = 0; index < 25; index++) add(spool, `e${index}`);
    die();
    const next = start();
    expect(
      [next.recover(10), next.recover(10), next.recover(10), next.recover(10)].map(
        ({ events }) => events.length,
      ),
    ).toEqual([10, 10, 5, 0]);
  });

  it('is left alone while its process lives', () => {
    add(start(), 'a');
    expect(recovered().events).toEqual([]);
  });

  it('is left alone when it was meant for another place', () => {
    add(start(), 'a');
    die();
    const other = createSpool({ directory, destination: 'fedcba9876543210', onTrouble: () => {} });
    expect(other.recover(10).events).toEqual([]);
  });

  it('is handed over when a process closes with work left', () => {
    const spool = start();
    add(spool, 'a');
    spool.close();
    expect(recovered().events).toHaveLength(1);
  });

  it('does not disturb a process that handed its file over', () => {
    const spool = start();
    const entry = add(spool, 'a');
    spool.handOver();
    entry.repeat?.(2000);
    entry.settle();
    expect(problems).toEqual([]);
    expect(spool.recover(10).events).toMatchObject([{ event: { eventId: 'a', occurrences: 1 } }]);
  });
});

describe('the disk', () => {
  it('is not touched before the first error', () => {
    start(join(directory, 'later'));
    expect(existsSync(join(directory, 'later'))).toBe(false);
  });

  it('shows the spool to its user alone', () => {
    const inner = join(directory, 'a', 'b');
    add(start(inner), 'a');
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(statSync(join(inner, readdirSync(inner)[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  it('is given back when everything is delivered', () => {
    const spool = start();
    add(spool, 'a').settle();
    expect(statSync(join(directory, readdirSync(directory)[0] ?? '')).size).toBe(0);
    spool.tidy();
    expect(readdirSync(directory)).toEqual([]);
    add(spool, 'b');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('does not fill up with repeats', () => {
    const spool = start();
    const entry = add(spool, 'a');
    for (let count = 0; count < 400_000; count++) entry.repeat?.(1000);
    const [file = ''] = readdirSync(directory);
    expect(statSync(join(directory, file)).size).toBeLessThan(5 * 1024 * 1024);
    die();
    expect(recovered().events[0]?.event.occurrences).toBe(400_001);
  });

  it('takes one record of each event for what is repeated together', () => {
    const spool = start();
    const [a, b] = [add(spool, 'a'), add(spool, 'b')];
    const [file = ''] = readdirSync(directory);
    const size = () => statSync(join(directory, file)).size;
    const before = size();
    spool.together(() => {
      for (let count = 0; count < 500; count++) (count % 5 === 0 ? b : a).repeat?.(1000 + count);
      expect(size()).toBe(before);
    });
    expect(size()).toBe(before + 2 * HEAD_BYTES);
    die();
    expect(
      recovered().events.map(({ event: { occurrences, lastSeen } }) => ({ occurrences, lastSeen })),
    ).toEqual([
      { occurrences: 401, lastSeen: 1499 },
      { occurrences: 101, lastSeen: 1495 },
    ]);
  });

  it('takes what was repeated together before something else went wrong', () => {
    const spool = start();
    const entry = add(spool, 'a');
    const work = () => {
      entry.repeat?.(1000);
      throw new Error('hostile');
    };
    expect(() => spool.together(work)).toThrow('hostile');
    die();
    expect(recovered().events[0]?.event.occurrences).toBe(2);
  });

  it('is said once to be of no use, and the application goes on', () => {
    problems.length = 0;
    writeFileSync(join(directory, 'file'), '');
    const spool = start(join(directory, 'file', 'below'));
    expect(spool.add('{}', 1)).toBeUndefined();
    expect(spool.add('{}', 1)).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(spool.recover(10)).toEqual({ events: [], lost: 0 });
  });

  it('is not trusted where somebody else was first', () => {
    problems.length = 0;
    const { TMPDIR } = process.env;
    process.env.TMPDIR = directory;
    try {
      const own = join(directory, `patrol-${process.getuid?.()}`);
      symlinkSync('/tmp', own);
      const spool = createSpool({
        directory: undefined,
        destination: DESTINATION,
        onTrouble: (problem) => problems.push(problem),
      });
      expect(spool.add('{}', 1)).toBeUndefined();
      expect(problems[0]).toContain('only this user can read');
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
  });

  it('may hold other files, which are left alone', () => {
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    chmodSync(join(directory, 'notes.txt'), 0o600);
    expect(recovered().events).toEqual([]);
    expect(readFileSync(join(directory, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

describe('a file that was damaged', () => {
  const head = (fill: (into: Buffer) => void) => {
    const buffer = Buffer.alloc(HEAD_BYTES);
    fill(buffer);
    return buffer;
  };
  const records = () => [
    eventRecord(0, JSON.stringify(event('a'))),
    head((into) => writeRepeat(into, 0, 1, 10)),
    head((into) => writeRepeat(into, 0, 1, 20)),
    eventRecord(1, JSON.stringify(event('b'))),
    head((into) => writeRepeat(into, 1, 1, 30)),
    head((into) => writeRepeat(into, 0, 1, 40)),
  ];
  const countOf = (file: Buffer) => {
    const { events, lost } = readSpool(file);
    return events.reduce((sum, { occurrences }) => sum + occurrences, 0) + lost;
  };

  it('is read up to a tail that was torn off', () => {
    const whole = Buffer.concat(records());
    const { events, lost } = readSpool(whole.subarray(0, whole.length - 5));
    expect(events.map(({ occurrences }) => occurrences)).toEqual([3, 2]);
    expect(lost).toBe(1);
  });

  it('gives all events whose records are whole, and counts the rest, whichever byte is wrong', () => {
    const whole = Buffer.concat(records());
    for (let position = 0; position < whole.length; position++) {
      const damaged = Buffer.from(whole);
      damaged[position] = (damaged[position] ?? 0) ^ 0x5a;
      expect(countOf(damaged), `byte ${position}`).toBe(6);
      const [first] = readSpool(damaged).events;
      expect(first && parseSpooled(first)).toBeDefined();
    }
  });

  it('never makes the reader fail, whatever it holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(200), fc.nat(200), (noise, at, cut) => {
        const whole = Buffer.concat(records());
        const file = Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at, whole.length - cut)]);
        const { events, lost } = readSpool(file);
        expect(lost).toBeGreaterThanOrEqual(0);
        for (const spooled of events) expect(parseSpooled(spooled)?.eventId).toMatch(/^[ab]$/);
      }),
    );
  });

  it('gives no event that was settled', () => {
    const file = Buffer.concat([...records(), head((into) => writeSettled(into, 0))]);
    expect(readSpool(file).events.map(({ slot }) => slot)).toEqual([1]);
  });
});

describe('names', () => {
  it('say where events go and whose they are', () => {
    const name = newSpoolName(DESTINATION);
    expect(parseSpoolName(name)).toMatchObject({ destination: DESTINATION, pid: process.pid });
    expect(parseSpoolName('../../etc/passwd')).toBeUndefined();
    expect(parseSpoolName(`${name}.new`)).toBeUndefined();
  });

  it('differ by the place that the settings name', () => {
    const places = [
      { queueUrl: undefined, sinkUrl: undefined },
      { queueUrl: undefined, sinkUrl: 'http://a' },
      { queueUrl: undefined, sinkUrl: 'http://b' },
      { queueUrl: 'http://q', sinkUrl: 'http://a' },
    ];
    expect(new Set(places.map(destinationOf)).size).toBe(4);
  });
});

it('loses nothing whatever happens in which order', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('repeat' as const), which: fc.nat(9) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('repeat together' as const), times: fc.nat(20) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(9) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'close' as const, 'tidy' as const) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const place = mkdtempSync(join(directory, 'run-'));
      const restart = () => createSpool({ directory: place, destination: DESTINATION, onTrouble: () => {} });
      let spool = restart();
      let open: { entry: ReturnType<typeof add>; count: number }[] = [];
      let logged = 0;
      let delivered = 0;
      const takeOver = () => {
        spool = restart();
        const { events, lost } = spool.recover(1000);
        expect(lost).toBe(0);
        open = events.map(({ event: { occurrences }, entry }) => ({ entry, count: occurrences }));
      };
      for (const one of steps) {
        const target = 'which' in one ? open[one.which % Math.max(1, open.length)] : undefined;
        if (one.do === 'add') {
          open.push({ entry: add(spool, `e${logged}`), count: 1 });
          logged += 1;
        } else if (one.do === 'repeat' && target?.entry.repeat) {
          target.entry.repeat(2000);
          target.count += 1;
          logged += 1;
        } else if (one.do === 'repeat together') {
          spool.together(() => {
            for (let time = 0; time < one.times; time++) {
              const another = open[time % Math.max(1, open.length)];
              if (!another?.entry.repeat) continue;
              another.entry.repeat(2000);
              another.count += 1;
              logged += 1;
            }
            open.push({ entry: add(spool, `e${logged}`), count: 1 });
            logged += 1;
          });
        } else if (one.do === 'settle' && target) {
          target.entry.settle();
          delivered += target.count;
          open = open.filter((other) => other !== target);
        } else if (one.do === 'tidy') spool.tidy();
        else if (one.do === 'close') {
          spool.close();
          takeOver();
        } else if (one.do === 'crash') {
          for (const file of readdirSync(place)) {
            const contents = readFileSync(join(place, file));
            rmSync(join(place, file));
            writeFileSync(join(place, newSpoolName(DESTINATION, false)), contents);
          }
          takeOver();
        }
        expect(delivered + open.reduce((sum, { count }) => sum + count, 0)).toBe(logged);
      }
    }),
    { numRuns: 60 },
  );
});
