import { describe, expect, it, test } from 'vitest';
import { readRules } from '../../../src/user-rules/read-rules.ts';

const problemsOf = (source: string) =>
  readRules(source, 'rules.yaml').then(
    () => [],
    (error: Error) => error.message.split('\n'),
  );

describe('a rule file', () => {
  it('is YAML or JSON, a list or an object with the list, and holds rules and known errors', async () => {
    const yaml = `
# Ours.
rules:
  - id: noise
    match: { service: [cron, batch], message: { regex: 'timed out after \\d{1,6} ms' } }
    then: { ignore: true }
  - id: shop/down
    match: { message: 'down' }
    category: network
    rootCause: It is down.
    suggestedFix: Wait.
    confidence: 90
`;
    const file = await readRules(yaml, 'rules.yaml');
    expect(file.rules.map(({ id }) => id)).toEqual(['noise']);
    expect(file.knownErrors.map(({ id }) => id)).toEqual(['shop/down']);
    const json = JSON.stringify([...file.rules, ...file.knownErrors]);
    expect(await readRules(json, 'rules.json')).toEqual(file);
  });
});

describe('what is wrong is said with file, line and reason:', () => {
  test.each([
    [
      'a misspelt field',
      'rules:\n  - id: a\n    match:\n      servce: x\n    then: { ignore: true }',
      'rules.yaml:4: Rule "a": match.servce is no field of a rule: remove it or correct its name.',
    ],
    [
      'a wrong value',
      '- id: a\n  then:\n    sample: 2\n',
      'rules.yaml:3: Rule "a": expected then.sample to be a number from 0 to 1, got a number.',
    ],
    [
      'a rule that does nothing',
      '- id: a\n  match: { service: x }\n',
      'rules.yaml:1: Rule "a": expected then to be an object, got nothing.',
    ],
    [
      'a slow expression',
      '- id: a\n  match:\n    message:\n      regex: (a+)+b\n  then: { ignore: true }',
      'rules.yaml:4: Rule "a": match.message.regex is not a regular expression that can be used: it could take very long',
    ],
    [
      'an expression that is none, in the second of two conditions',
      "- id: a\n  match:\n    - service: x\n    - context:\n        a.b: { regex: '(' }\n  then: { ignore: true }",
      'rules.yaml:5: Rule "a": match.1.context.a.b.regex is not a regular expression that can be used: Invalid regular expression',
    ],
    [
      'a text that names no group',
      '- id: a\n  then:\n    answer:\n      rootCause: It was {port}.\n      suggestedFix: x\n',
      'rules.yaml:4: Rule "a": rootCause uses {port}, which is not a named group of every match',
    ],
    [
      'an id that is there twice',
      '- id: a\n  then: { ignore: true }\n- then: { ignore: true }\n  id: a\n',
      'rules.yaml:4: Rule "a": expected id to be unique, it is there twice.',
    ],
    ['broken YAML', 'rules:\n  - id: a\n   then: x\n', 'rules.yaml:3: '],
    [
      'a key that is there twice',
      '- id: a\n  id: b\n  then: { ignore: true }\n',
      'rules.yaml:2: Map keys must be unique',
    ],
    [
      'a known error',
      '{"rules": [\n  {"id": "k", "match": {"name": "X"}, "category": "wrong",\n   "rootCause": "r", "suggestedFix": "s", "confidence": 1}\n]}',
      'rules.yaml:2: Rule "k": expected category to be one of bug, network',
    ],
    [
      'something else',
      'hello',
      'rules.yaml:1: Expected a list of rules, or an object with a list "rules", got a string',
    ],
  ])('%s', async (_what, source, expected) => {
    const [first = ''] = await problemsOf(source);
    expect(first.slice(0, expected.length)).toBe(expected);
  });

  it('all of it at once', async () => {
    const source =
      '- id: a\n  then: { sample: 2, severity: bad }\n- id: b\n  match: { servic: x }\n  then: {}\n';
    const lines = (await problemsOf(source)).map((line) => line.split(':').slice(0, 2).join(':'));
    expect(lines).toEqual(['rules.yaml:2', 'rules.yaml:2', 'rules.yaml:4', 'rules.yaml:5']);
  });

  it('and a file that grows in the reading is refused', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefgh'[index];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`;
      }),
    ].join('\n');
    expect((await problemsOf(bomb)).join()).toContain('Excessive alias count');
  });
});
