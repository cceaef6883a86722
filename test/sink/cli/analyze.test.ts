import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Log } from 'sarif';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../../sink/cli/analyze.ts';
import type { LogReport } from '../../../sink/report/log-report.ts';
import { startOpenAI, type TestOpenAI } from '../../support/openai-server.ts';

let folder: string;
let openai: TestOpenAI;
beforeAll(async () => {
  openai = await startOpenAI();
});
afterAll(() => openai.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-analyze-'));
  vi.stubEnv('PATROL_SOURCE_ROOT', folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
  openai.reset();
});

const fileOf = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const useModel = () => {
  for (const [name, value] of Object.entries(openai.env)) vi.stubEnv(name, value);
};
/** The report in a file of the format that its name asks for. */
const reportIn = async (name: string, logs: readonly string[], options: Partial<AnalyzeOptions> = {}) => {
  const out = join(folder, `report.${name}`);
  await analyze(logs, { top: '20', out, ...options });
  return readFileSync(out, 'utf8');
};
const report = async (logs: readonly string[], options: Partial<AnalyzeOptions> = {}): Promise<LogReport> =>
  JSON.parse(await reportIn('json', logs, options));

const pino = (time: number, message: string, more: object = {}) =>
  JSON.stringify({
    level: 50,
    time,
    service: 'shop',
    err: {
      type: 'CartError',
      message,
      stack: `CartError: ${message}\n    at total (/srv/shop/src/cart.js:7:1)`,
    },
    msg: message,
    ...more,
  });
const T = Date.UTC(2026, 0, 2);
const PINO = [
  pino(T, 'cart 12 is empty'),
  JSON.stringify({ level: 30, time: T, msg: 'fine' }),
  pino(T + 60_000, 'cart 77 is empty'),
  pino(T + 30_000, 'no stock for item 5'),
].join('\n');
const PLAIN = `2026-01-03T00:00:00Z INFO up
2026-01-03T00:00:01Z ERROR job 9 failed
Error: connect ECONNREFUSED 127.0.0.1:5432
    at save (/srv/shop/src/db.js:1:2)
`;

describe('patrol analyze', () => {
  it('counts the distinct errors of a log, with first and last seen and where', async () => {
    const file = fileOf('app.log', PINO);
    const { errors, records, lines, distinct } = await report([file]);
    expect({ records, lines, distinct }).toEqual({ records: 3, lines: 4, distinct: 2 });
    expect(errors).toMatchObject([
      {
        name: 'CartError',
        message: 'cart 12 is empty',
        count: 2,
        over: 0,
        firstSeen: T,
        lastSeen: T + 60_000,
        file,
        line: 1,
        services: ['shop'],
      },
      { message: 'no stock for item 5', count: 1, line: 4 },
    ]);
  });

  it('reads a folder: plain text, gzip by its content, and what lies deeper; no binaries', async () => {
    const logs = join(folder, 'logs');
    mkdirSync(join(logs, 'old'), { recursive: true });
    writeFileSync(join(logs, 'app.log'), PLAIN);
    writeFileSync(join(logs, 'old', 'app.log.1'), gzipSync(PINO));
    writeFileSync(join(logs, 'old', 'app.log.2.gz'), Buffer.concat([gzipSync(PINO), gzipSync(`\n${PINO}`)]));
    writeFileSync(join(logs, 'photo.png'), Buffer.from([137, 80, 78, 71, 0, 0, 1]));
    const { errors, problems } = await report([logs]);
    expect(errors.map(({ count, name }) => [count, name])).toEqual([
      [6, 'CartError'],
      [3, 'CartError'],
      [1, 'Error'],
    ]);
    expect(errors[2]).toMatchObject({
      firstSeen: Date.UTC(2026, 0, 3, 0, 0, 1),
      analysis: { source: 'rules' },
    });
    expect(problems).toEqual([{ file: join(logs, 'photo.png'), problem: 'it is no text' }]);
  });

  it.each([
    ['text', PINO],
    ['gzip', gzipSync(PINO)],
  ])('reads a pipe of %s, as of a shell’s <(…)', async (_, content) => {
    const [pipe, source] = [join(folder, 'pipe'), fileOf('source', content)];
    execFileSync('sh', ['-c', `mkfifo '${pipe}'`]);
    const writer = spawn('sh', ['-c', `cat '${source}' > '${pipe}'`]);
    const { records, problems } = await report([pipe]);
    expect({ records, problems }).toEqual({ records: 3, problems: [] });
    writer.kill();
  });

  it('reads a broken gzip as far as it goes, and says so', async () => {
    const noise = Array.from({ length: 5000 }, (_, index) => `${index * 7919}`).join('\n');
    const whole = gzipSync(`${PINO}\n${noise}`);
    const { problems, records } = await report([fileOf('torn.gz', whole.subarray(0, whole.length - 2000))]);
    expect(problems).toMatchObject([{ problem: expect.stringMatching(/unexpected end of file/) }]);
    expect(records).toBe(3);
  });

  it('asks the model about the most frequent ones only, once each', async () => {
    useModel();
    const { errors, calls, model, notShown } = await report([fileOf('app.log', PINO)], { top: '1' });
    expect({ calls, model, notShown }).toEqual({ calls: 1, model: 'gpt-4o-mini', notShown: 1 });
    expect(errors).toMatchObject([{ analysis: { source: 'llm', occurrences: 2 } }]);
    expect(openai.requests()).toHaveLength(1);
  });

  it('--dry-run asks nobody, and estimates the cost of what would be asked; known errors cost nothing', async () => {
    useModel();
    const dry = await report([fileOf('a.log', PINO), fileOf('b.log', PLAIN)], { dryRun: true });
    expect(openai.requests()).toHaveLength(0);
    expect(dry).toMatchObject({ dryRun: true, calls: 2 });
    expect(dry.costUsd).toBeGreaterThan(0);
    expect(dry.errors.map(({ analysis, notAnalysed }) => analysis?.source ?? notAnalysed)).toEqual([
      'a model would be asked',
      'a model would be asked',
      'rules',
    ]);
    const real = await report([fileOf('a.log', PINO), fileOf('b.log', PLAIN)]);
    expect(real.costUsd).toBeLessThan(dry.costUsd);
  });

  it('--max-cost holds, and says of the others why they were not asked', async () => {
    useModel();
    const { errors, calls } = await report([fileOf('a.log', PINO), fileOf('b.log', PLAIN)], {
      maxCost: '0.0000001',
    });
    expect(calls).toBe(0);
    expect(openai.requests()).toHaveLength(0);
    expect(errors.map(({ analysis }) => analysis?.source)).toEqual(['none', 'none', 'rules']);
    expect(errors[0]?.analysis?.analysis).toContain('the limit of --max-cost is reached');
  });

  it('is ruled by your rules: ignored ones are counted, and a fingerprint groups', async () => {
    const rules = fileOf(
      'rules.yaml',
      `
- id: quiet
  match: { message: { glob: 'no stock*' } }
  then: { ignore: true }
- id: one
  match: { service: shop }
  then: { fingerprint: [carts] }
`,
    );
    vi.stubEnv('PATROL_RULES_FILE', rules);
    const more = pino(T, 'something quite different', { service: 'shop' });
    const { errors, ignored } = await report([fileOf('app.log', `${PINO}\n${more}`)]);
    expect(ignored).toBe(1);
    expect(errors.map(({ count }) => count)).toEqual([3]);
  });

  it.each([
    [{ top: '0' }, 'Expected --top'],
    [{ maxCost: 'much' }, 'Expected --max-cost'],
    [{ format: 'pdf' }, 'Expected --format to be one of text, markdown, html, json, sarif'],
  ])('refuses %o', async (options, message) => {
    await expect(report([fileOf('a.log', PINO)], options)).rejects.toThrow(message);
  });
});

describe('a report', () => {
  const EVIL =
    '<img src=x onerror=alert(1)> [click](https://evil.example) `code` **bold** @everyone | www.evil.example \u001b[2J\u202e';
  const secret = ['hunter', 'two', '99'].join('-');
  const evilLog = () => fileOf('evil.log', pino(T, `${EVIL} password=${secret}`));

  it.each(['txt', 'md', 'html', 'json', 'sarif'])(
    'as %s shows no secret, and nothing that a terminal obeys',
    async (name) => {
      const text = await reportIn(name, [evilLog()]);
      expect(text).toContain('1');
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(/[\u001b\u202e]/);
    },
  );

  it('as HTML holds no element, script or address of a log', async () => {
    const page = await reportIn('html', [evilLog()]);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/<(?:script|a|link|iframe)\b|(?:href|src)="/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('as Markdown holds no markup, link or mention of a log', async () => {
    const page = await reportIn('md', [evilLog()]);
    expect(page).toContain('\\<img');
    expect(page).toContain('\\[click\\]\\(https\\:');
    expect(page).toContain('\\*\\*bold\\*\\*');
    expect(page).toContain('\\@\u2060everyone');
    expect(page).toContain('\\| www\\.evil');
  });

  it('as SARIF has one result for each error, with its place, its hash and its count', async () => {
    const log: Log = JSON.parse(await reportIn('sarif', [fileOf('app.log', PINO), evilLog()]));
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run?.results?.map(({ occurrenceCount }) => occurrenceCount)).toEqual([2, 1, 1]);
    const [first] = run?.results ?? [];
    expect(first).toMatchObject({
      ruleId: 'patrol/unknown',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'src/cart.js', uriBaseId: 'SRCROOT' },
            region: { startLine: 7 },
          },
        },
      ],
      fingerprints: { 'patrol/v1': expect.stringMatching(/^[0-9a-f]{64}$/) },
      provenance: { firstDetectionTimeUtc: '2026-01-02T00:00:00.000Z' },
    });
    const ids = run?.tool.driver.rules?.map(({ id }) => id) ?? [];
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(ids[ruleIndex ?? -1]).toBe(ruleId);
    expect(run?.results?.at(-1)?.message.text).toContain('\\[click\\]');
  });

  it('as SARIF has all that code scanning asks for', async () => {
    const log: Log = JSON.parse(await reportIn('sarif', [fileOf('app.log', PINO), fileOf('b.log', PLAIN)]));
    expect(log.$schema).toMatch(/^https:\/\/.*sarif-schema-2\.1\.0\.json$/);
    const text = { text: expect.stringMatching(/./) };
    for (const { tool, results = [] } of log.runs) {
      expect(tool.driver.name).toBe('patrol');
      for (const rule of tool.driver.rules ?? []) {
        expect(rule).toMatchObject({ shortDescription: text, fullDescription: text, help: text });
      }
      expect(results).toHaveLength(3);
      for (const { message, locations = [], relatedLocations = [], partialFingerprints } of results) {
        expect(message).toEqual(text);
        expect(partialFingerprints?.primaryLocationLineHash).toMatch(/^[0-9a-f]{64}:1$/);
        expect(locations).toHaveLength(1);
        for (const { physicalLocation } of [...locations, ...relatedLocations]) {
          const { artifactLocation, region } = physicalLocation ?? {};
          expect(region?.startLine).toBeGreaterThan(0);
          const { uri = '', uriBaseId } = artifactLocation ?? {};
          // Relative to the repository, or absolute: a log is no part of it.
          if (uriBaseId === 'SRCROOT') expect(uri).toMatch(/^[^/:]+(?:\/[^/:]+)*$/);
          else expect(new URL(uri).protocol).toBe('file:');
        }
      }
    }
  });

  it('as text has no colours in a file', async () => {
    const text = await reportIn('txt', [fileOf('app.log', PINO)]);
    expect(text).toContain('3 error records in 4 lines');
    expect(text).toContain('1. CartError: cart 12 is empty');
    expect(text).toContain('2026-01-02 00:00:00 UTC – 2026-01-02 00:01:00 UTC');
  });
});
