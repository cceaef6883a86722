import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/redaction.ts';
import { expressionsOf, sourceOf } from '../support/expressions.ts';
import { personalShapes, secretShapes } from '../support/redaction-shapes.ts';
import { harmlessTexts, personalTexts, secretTexts } from '../support/redaction-texts.ts';

describe('the expressions of the redaction', () => {
  it('are none that take more than linear time', { timeout: 600_000 }, async () => {
    // The checker in JavaScript: the faster ones are binaries for some platforms.
    process.env.RECHECK_BACKEND = 'pure';
    const { check } = await import('recheck');
    // What was found safe before need not be searched for attacks again: that takes a minute.
    const safe = new Set<string>(JSON.parse(readFileSync('test/src/redaction-expressions.json', 'utf8')));
    const expressions = await expressionsOf(sourceOf('redaction/'), sourceOf('redaction.ts'));
    expect(expressions.length).toBeGreaterThan(150);

    const doubtful: string[] = [];
    for (const { source, flags } of expressions) {
      if (safe.has(idOf(source, flags))) continue;
      const { status } = await check(source, flags, { timeout: 60_000 });
      if (status !== 'safe') doubtful.push(`${status}: /${source}/${flags}`);
    }
    expect(doubtful).toEqual([]);
  });
});

/** As `test/eval/redaction/check-expressions.mjs` writes it. */
const idOf = (source: string, flags: string): string =>
  createHash('sha256').update(`/${source}/${flags}`).digest('hex').slice(0, 12);

/** What makes naive redaction look at the same text again and again: one piece, repeated. */
const fragments = [
  ...[...secretTexts, ...secretShapes, ...personalTexts, ...personalShapes].map((text) =>
    text.replace(/[«»]/g, ''),
  ),
  ...harmlessTexts.slice(0, 40),
  ...[
    'password:',
    'password=',
    'password ',
    'token ',
    'sid=',
    '?key=',
    'cookie: a',
    'set-cookie: [',
    'authorization: ',
  ],
  ...[
    'authorization:digest ',
    'Bearer ',
    '://',
    '://a:',
    '://a:b/',
    '%3A%2F%2Fa%3A',
    '@',
    'a@b.',
    '%40',
    '1',
    '1 ',
    '4111 ',
  ],
  ...[
    '+1 ',
    '(',
    'eyJ',
    'eyJa.',
    'echo ',
    'curl -u ',
    'mysql -p',
    '\\',
    '\\\\"',
    '"',
    "'",
    'password:\\"',
    'password:“',
  ],
  ...[
    '<password ',
    '&lt;password',
    '(password,',
    '(password) values(',
    '[REDACTED:',
    'AKIA',
    'DE89 3704 ',
    'sk-',
    '\\n',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'Private-Lines: 1\n',
    'api key ',
    'password:[',
    '"phone":{"no":1,',
    'passport ',
    'acct no ',
    '://a:b/@',
    '://a:/b@c.d',
    '\u001b[0mpassword\u001b[31m:',
    'password is ',
    'a',
    '=',
  ],
];

const SIZE = 16_384;
const QUARTER = SIZE / 4;

/** What a text costs, whole and in quarters: the least CPU time of several runs, in milliseconds. */
class Cost {
  whole: number = Number.POSITIVE_INFINITY;
  quarters: number = Number.POSITIVE_INFINITY;

  measure(text: string, runs: number): void {
    for (let run = 0; run < runs; run++) {
      this.whole = Math.min(
        this.whole,
        costOf(() => redact(text)),
      );
      this.quarters = Math.min(
        this.quarters,
        costOf(() => {
          for (let at = 0; at < SIZE; at += QUARTER) redact(text.slice(at, at + QUARTER));
        }),
      );
    }
  }

  /** Linear work costs the same either way, quadratic four times as much; a tenth of a millisecond is noise. */
  get hasGrown(): boolean {
    return this.whole > 2 * this.quarters + 0.1;
  }
}

function costOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

describe('redact of 16 KB of hostile text', () => {
  it('costs no more than of its four quarters', { timeout: 120_000 }, () => {
    const grown: string[] = [];
    for (const fragment of fragments) {
      const text = fragment.repeat(Math.ceil(SIZE / fragment.length)).slice(0, SIZE);
      const cost = new Cost();
      cost.measure(text, 3);
      // A neighbour on the machine disturbs some runs, the least of many is the text's own.
      for (let round = 0; round < 5 && cost.hasGrown; round++) cost.measure(text, 10);
      if (cost.hasGrown) grown.push(`${fragment}: ${cost.quarters} → ${cost.whole} ms`);
    }
    expect(grown).toEqual([]);
  });
});
