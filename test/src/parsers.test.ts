import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnalysisRecord } from '../../src/analysis-record.ts';
import type { CodeBlock } from '../../src/code-context.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import { checkPatch } from '../../src/patch.ts';
import { isReadablePath, isSafeRef } from '../../src/repository-path.ts';
import { parseRepositoryUrl } from '../../src/repository-url.ts';
import { parseRules } from '../../src/rule-file.ts';
import { settings } from '../../src/settings.ts';
import { resolveStackTrace } from '../../src/source-maps.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import { readRules } from '../../src/user-rules/read-rules.ts';
import { analysisRecord, errorEvent } from '../support/events.ts';
import { mutated, mutatedText } from '../support/mutated.ts';

/** What is wrong with the input is told by a `PatrolError`; anything else that is thrown is our fault. */
function orRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(PatrolError);
    return undefined;
  }
}

const stacks = [
  "TypeError: Cannot read properties of undefined (reading 'x')\n    at pay (/srv/app/src/pay.js:12:5)\n    at async Promise.all (index 0)\n  [cause]: Error: no\n      at b (file:///srv/b.js:1:1) {\n    code: 'E'\n  }",
  'Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\n    g()\nValueError: no\n\nDuring handling of the above exception, another exception occurred:\n',
  'java.lang.IllegalStateException: no\n\tat com.acme.Pay.run(Pay.java:7)\n\t... 3 more\nCaused by: java.io.IOException: x\n\tat a.B.c(Unknown Source)\n',
  'panic: no\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/srv/main.go:7 +0x1d\n',
  "thread 'main' panicked at src/main.rs:3:5:\nno\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x/lib.rs:1:1\n",
  'PHP Fatal error:  Uncaught Exception: no in /srv/a.php:3\nStack trace:\n#0 /srv/b.php(4): f()\n#1 {main}\n  thrown in /srv/a.php on line 3',
  "app.rb:3:in `f': no (RuntimeError)\n\tfrom app.rb:7:in `<main>'\n",
  '   at Acme.Pay.Run(Int32 x) in C:\\src\\Pay.cs:line 7\n--- End of inner exception stack trace ---\n',
];

const diff =
  '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n export const a = 1;\n-const b = 2;\n+const b = 3;\n const c = 4;\n';
const blocks: CodeBlock[] = [
  {
    file: 'src/a.ts',
    startLine: 1,
    endLine: 3,
    text: 'export const a = 1;\nconst b = 2;\nconst c = 4;',
  } as CodeBlock,
];

const ruleFile =
  'rules:\n  - name: timeouts\n    when:\n      message: "*timed out*"\n      severity: [error, fatal]\n    then:\n      ignore: true\n';

describe('whatever comes in', () => {
  it('a stack trace is read, in bounds', () => {
    fc.assert(
      fc.property(mutatedText(...stacks), (text) => {
        const { frames } = parseStackTrace(text);
        for (const { line, column } of frames) {
          expect(line === undefined || Number.isSafeInteger(line)).toBe(true);
          expect(column === undefined || Number.isSafeInteger(column)).toBe(true);
        }
        expect(typeof resolveStackTrace(text)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('an event is read or refused, and read again as it is', () => {
    const sample = {
      ...errorEvent({ eventId: 'e' }),
      firstSeen: 1,
      fingerprint: ['a'],
      occurrences: 2,
      commit: 'c',
    };
    fc.assert(
      fc.property(mutated(sample), (value) => {
        const event = orRefused(() => parseErrorLogEvent(value));
        const sent = event && JSON.stringify(event);
        if (sent)
          expect(JSON.parse(JSON.stringify(parseErrorLogEvent(JSON.parse(sent))))).toEqual(JSON.parse(sent));
      }),
      { numRuns: 500 },
    );
  });

  it('settings are taken or refused, from the environment and in code', () => {
    const variables = Object.values(settings).flatMap(({ env }) => env);
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('0', '-1', '1e9', 'off', '{}', '[]', '{"a":1}', 'null', 'https://x', 'a/b,c/d', ' '),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...variables), value, { maxKeys: 5 }), (environment) => {
        const { config, problems } = parseConfig({}, environment);
        expect(Object.keys(config)).toEqual(expect.arrayContaining(Object.keys(settings)));
        const loaded = orRefused(() => loadConfig({}, environment));
        expect(loaded === undefined).toBe(problems.length > 0);
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(settings)), fc.anything()), (options) => {
        orRefused(() => loadConfig(options, {}));
      }),
    );
  });

  it('rules are read or refused', async () => {
    const known = {
      id: 'r',
      match: { message: 'x' },
      cause: 'c',
      fix: 'f',
      confidence: 80,
      category: 'network',
    };
    fc.assert(fc.property(mutated([known]), (value) => void orRefused(() => parseRules(value))));
    await fc.assert(
      fc.asyncProperty(mutatedText(ruleFile, JSON.stringify([known])), async (source) => {
        await readRules(source, 'rules.yaml').catch((error: unknown) =>
          expect(error).toBeInstanceOf(PatrolError),
        );
      }),
    );
  });

  it('a diff is judged', () => {
    fc.assert(
      fc.property(mutatedText(diff, '```diff\n', 'rename from x\n', '--- /dev/null\n'), (text) => {
        expect(typeof checkPatch(text, blocks).applies).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });

  it('a source map is used or left alone', () => {
    const map = {
      version: 3,
      file: 'x.js',
      sources: ['x.ts'],
      names: ['f'],
      mappings: 'AAAAA,IAACA;AACA',
      sourcesContent: [''],
    };
    const folder = mkdtempSync(join(tmpdir(), 'patrol-maps-'));
    let count = 0;
    try {
      fc.assert(
        fc.property(
          fc.oneof(
            mutated(map).map((value) => JSON.stringify(value) ?? ''),
            mutatedText(JSON.stringify(map)),
          ),
          (json) => {
            const file = join(folder, `bundle${count++}.js`);
            writeFileSync(file, `f()\n//# sourceMappingURL=${file.split('/').at(-1)}.map\n`);
            writeFileSync(`${file}.map`, json);
            expect(resolveStackTrace(`Error: x\n    at f (${file}:1:1)`)).toMatch(/^Error: x\n/);
          },
        ),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('a reply is an analysis or none', () => {
    fc.assert(
      fc.property(mutated(analysisRecord()), (value) => {
        const record = parseAnalysisRecord(value);
        if (record) expect(typeof record.patrol.eventId).toBe('string');
      }),
    );
  });

  it('an address names a repository or none, and a path or commit cannot leave it', () => {
    const url = mutatedText(
      'https://github.com/acme/shop.git',
      'git@github.com:acme/shop',
      'https://u:p@h:1/a/b?c#d',
    );
    fc.assert(
      fc.property(
        url,
        mutatedText('src/a.ts', '../', '%2e%2e', '\\..\\', '.env', 'refs/heads/main'),
        (address, text) => {
          const name = parseRepositoryUrl(address);
          if (name) expect(`${name.owner}/${name.repo}`).toMatch(/^[\w.-]+\/[\w.-]+$/);
          if (isReadablePath(text)) expect(new URL(`http://h/a/${text}`).pathname).toMatch(/^\/a\//);
          if (isSafeRef(text)) expect(text).not.toMatch(/\.\.|^-|[\s~^:?*[\\]/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
