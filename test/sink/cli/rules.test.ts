import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkEvent, validateFile } from '../../../sink/cli/rules.ts';
import { ruleFileJsonSchema } from '../../../src/user-rules/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'patrol-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const RULES = fileOf(
  'rules.yaml',
  `
- id: noise
  match: { service: cron }
  then: { ignore: true }
- id: down
  match: { message: { regex: 'status (?<status>5\\d\\d)' } }
  then: { severity: critical, answer: { rootCause: 'Down ({status}).', suggestedFix: Wait. } }
- id: shop/maintenance
  match: { message: maintenance }
  category: network
  rootCause: It is Sunday.
  suggestedFix: Wait.
  confidence: 90
`,
);

describe('patrol rules check', () => {
  it('says of a line of a log which rules match, why the others do not, and what happens', async () => {
    const line = JSON.stringify({ level: 50, msg: 'got status 503' });
    const { text, data } = await checkEvent(fileOf('line.json', line), RULES);
    expect(text).toMatch(/^– +noise: service is .*, not "cron"\.$/m);
    expect(text).toMatch(/^matches +down: all that it asks for holds\.$/m);
    expect(text).toMatch(/^severity +critical$/m);
    expect(text).toContain('Down (503).');
    expect(data.decision).toMatchObject({ severity: 'critical' });
  });

  it('takes an event, and names the known error of the file', async () => {
    const event = { service: 'cron', errorLog: { message: 'down for maintenance' } };
    const { text, data } = await checkEvent(fileOf('event.json', JSON.stringify(event)), RULES);
    expect(data).toMatchObject({
      knownError: 'shop/maintenance',
      decision: { setAside: { reason: 'ignored', rule: 'noise' } },
    });
    expect(text).toContain('shop/maintenance (known error)');
  });
});

describe('patrol rules validate', () => {
  it('counts the rules of a sound file', async () => {
    expect(await validateFile(RULES)).toMatchObject({
      valid: true,
      text: `${RULES}: 3 rules, nothing wrong.\n`,
    });
  });

  it('names every line that is wrong', async () => {
    const file = fileOf('bad.yaml', '- id: a\n  then: { sample: 7 }\n- id: b\n  then: { ignroe: true }\n');
    const { valid, text, data } = await validateFile(file);
    expect(valid).toBe(false);
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual([`${file}:2:`, `${file}:4:`, '']);
    expect(data.problems.map(({ line }) => line)).toEqual([2, 4]);
  });
});

describe('the schema for editors', () => {
  it('knows every effect and every field, in draft-07', () => {
    const schema = JSON.stringify(ruleFileJsonSchema());
    expect(schema).toContain('http://json-schema.org/draft-07/schema#');
    for (const word of [
      'fingerprint',
      'sample',
      'assignee',
      'route',
      'budget',
      'environment',
      'glob',
      'rootCause',
    ]) {
      expect(schema).toContain(`"${word}"`);
    }
  });
});
