import { describe, expect, it } from 'vitest';
import { createTextFormat } from '../../../sink/cli/analysis-text.ts';
import { jsonFormatOf } from '../../../sink/cli/log-format.ts';
import { isAnalysisText } from '../../../sink/log-lines/own-lines.ts';
import { toDropRecord } from '../../../src/analysis-record.ts';
import { analysisRecord } from '../../support/events.ts';

const now = () => 1_767_225_600_123;
const write = (sample: Record<string, unknown>, record = analysisRecord()) =>
  JSON.parse(jsonFormatOf(sample, 'info', now)(record));

describe('an analysis among JSON records', () => {
  it('looks like pino’s', () => {
    const sample = { level: 50, time: 1_767_225_600_000, pid: 7, hostname: 'h', err: {}, msg: 'boom' };
    expect(write(sample)).toMatchObject({ level: 30, time: now(), pid: 7, hostname: 'h' });
    expect(write(sample).msg).toContain('Nothing listens there');
    expect(write(sample).patrol.event).toBe('analysis');
  });

  it('looks like winston’s', () => {
    const sample = { level: 'error', message: 'boom', timestamp: '2026-01-01T00:00:00.000Z', service: 's' };
    expect(write(sample)).toMatchObject({
      level: 'info',
      timestamp: '2026-01-01T00:00:00.123Z',
      service: 's',
    });
    expect(write(sample).message).toContain('Nothing listens there');
  });

  it('has no time where there is none, and capitals where there are some', () => {
    expect(write({ severity: 'ERROR', message: 'boom' })).toMatchObject({ severity: 'INFO' });
    expect(Object.keys(write({ severity: 'ERROR', message: 'boom' }))).toEqual([
      'severity',
      'message',
      'patrol',
    ]);
  });

  it('counts time in seconds where the log does', () => {
    expect(write({ level: 'error', ts: 1_767_225_600.5, msg: 'boom' }).ts).toBe(now() / 1000);
  });

  it('carries what correlates it with the original', () => {
    const record = { ...analysisRecord(), correlation: { reqId: 'r-1' } };
    expect(write({ level: 50, msg: 'boom' }, record).reqId).toBe('r-1');
  });

  it('is one line, whatever the model wrote', () => {
    const record = analysisRecord({ rootCause: 'a\nb\u2028c\u001b[2J' });
    const line = jsonFormatOf({ level: 50 }, 'info')({ ...record, msg: 'a\nb\u2028\u009bc' });
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
  });
});

describe('an analysis among lines of text', () => {
  const plain = createTextFormat({ colour: false });

  it('is a block that says which error, cause, fix, place and code', () => {
    expect(plain(analysisRecord())).toBe(
      [
        '  patrol> Error  connect ECONNREFUSED 127.0.0.1:5432',
        '  patrol> Cause  Nothing listens on 127.0.0.1:5432. (90 % sure, known error)',
        '  patrol> Fix    Start PostgreSQL, or correct DATABASE_URL.',
        '  patrol> Where  src/orders.js:12 (saveOrder)',
        '  patrol> Code   src/orders.js:12 | await db.connect();',
        '',
      ].join('\n'),
    );
  });

  it('says who wrote it, and what could not be verified', () => {
    const text = plain(
      analysisRecord({
        source: 'llm',
        model: 'gpt-4o-mini',
        cached: true,
        occurrences: 3,
        evidence: [{ file: 'a.js', line: 1, quote: 'x()', verified: false }],
      }),
    );
    expect(text).toContain('(90 % sure, gpt-4o-mini, AI-generated, from cache, 3 times)');
    expect(text).toContain('a.js:1 | x() (not verified)');
  });

  it('names the last commit to the code that failed', () => {
    const suspectCommits = [
      {
        sha: 'abcdef0123456789',
        author: 'Ada',
        date: '2026-04-12T09:00:00.000Z',
        message: 'Mend it',
        file: 'a.js',
      },
    ];
    expect(plain(analysisRecord({ suspectCommits }))).toContain(
      '  patrol> Commit abcdef0123 of 2026-04-12 by Ada was the last here: Mend it\n',
    );
  });

  it('shows a patch that applies as it stands, and no other', () => {
    const patch = '--- a/a.js\n+++ b/a.js\n@@ -1,1 +1,1 @@\n-  old();\n+  mended();\n';
    const text = plain(analysisRecord({ patch, patchApplies: true }));
    expect(text).toContain('  patrol> Patch  -  old();\n  patrol> Patch  +  mended();\n');
    expect(plain(analysisRecord({ patch, patchApplies: false }))).not.toContain('Patch');
    const long = `${patch}${'+  more();\n'.repeat(50)}`;
    expect(plain(analysisRecord({ patch: long, patchApplies: true }))).toContain('Patch  … 39 more lines');
  });

  it('keeps cited lines of a bundle short', () => {
    const evidence = [{ file: 'a.js', line: 1, quote: 'x();'.repeat(5000), verified: true }];
    for (const line of plain(analysisRecord({ evidence })).split('\n')) expect(line.length).toBeLessThan(250);
  });

  it('says honestly that none was found, and where to look', () => {
    const text = plain(
      analysisRecord({
        rootCause: '',
        suggestedFix: '',
        analysis: 'No root cause found, because no model is configured.\nfunction f() {}',
        nextSteps: ['Set OPENAI_API_KEY.'],
      }),
    );
    expect(text).toContain('Cause  No root cause found, because no model is configured.\n');
    expect(text).not.toContain('function f');
    expect(text).toContain('Next   Set OPENAI_API_KEY.');
  });

  it('cannot be used to move the cursor, to start lines or to reorder text', () => {
    const text = plain(
      analysisRecord({ rootCause: 'a\u001b[2Jb\nERROR forged\r\u202ec\u009b1m', suggestedFix: 'x\u0007' }),
    );
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('  patrol> '))).toEqual([]);
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('is coloured by Patrol alone, for a terminal', () => {
    const coloured = createTextFormat({ colour: true })(analysisRecord({ rootCause: '\u001b[31mred' }));
    expect(coloured).toContain('\u001b[');
    expect(coloured).not.toContain('\u001b[31m');
  });

  it('is known again when it is piped through another Patrol', () => {
    for (const colour of [false, true]) {
      const lines = createTextFormat({ colour })(analysisRecord()).trimEnd().split('\n');
      expect(lines.every(isAnalysisText)).toBe(true);
    }
  });

  it('reports losses', () => {
    expect(plain(toDropRecord({ buffer_full: 3 }))).toBe('  patrol> Lost   Patrol dropped 3 buffer_full\n');
  });
});
