import { describe, expect, it, test } from 'vitest';
import { parseErrorLogEvent } from '../../../src/event.ts';
import { hashErrorLog } from '../../../src/hashing.ts';
import { createUserRules } from '../../../src/user-rules/decide.ts';
import type { UserRuleCondition, UserRuleEffects } from '../../../src/user-rules/user-rule.ts';

const EVENT = parseErrorLogEvent({
  eventId: 'e-1',
  service: 'checkout',
  environment: 'production',
  commit: '4f2c9d1',
  repositoryUrl: 'https://github.com/acme/shop',
  errorLog: {
    name: 'PaymentError',
    message: 'the provider answered with status 503 for order 77',
    code: 'E_PAYMENT',
    stackTrace:
      'PaymentError: x\n    at fetch (/srv/shop/node_modules/axios/index.js:1:1)\n    at charge (/srv/shop/src/payments/charge.ts:12:9)',
    context: {
      level: 'fatal',
      'http.method': 'POST',
      http: { status: 503 },
      tags: ['vip', 'eu'],
      retried: true,
    },
  },
});

const rule = (id: string, match: UserRuleCondition | undefined, then: UserRuleEffects) => ({
  id,
  ...(match && { match }),
  then,
});
const decide = (match: UserRuleCondition | undefined, then: UserRuleEffects = { severity: 'info' }) =>
  createUserRules([rule('r', match, then)]).decide(EVENT);

describe('a rule matches', () => {
  test.each<[string, UserRuleCondition]>([
    ['a service', { service: 'checkout' }],
    ['one of several environments', { environment: ['staging', 'production'] }],
    ['a release by its beginning', { release: { glob: '4f2c*' } }],
    ['a repository', { repository: { glob: '*/acme/shop' } }],
    ['a class and a code together', { name: 'PaymentError', code: 'E_PAYMENT' }],
    ['an expression in the message', { message: { regex: 'status 5\\d\\d' } }],
    ['an expression in the stack', { stack: { regex: 'charge\\.ts:\\d{1,5}' } }],
    ['the file that failed, wherever it was installed', { file: 'src/payments/charge.ts' }],
    ['the file as the stack names it', { file: { glob: '/srv/*/charge.ts' } }],
    ['a level', { level: 'fatal' }],
    ['a number in the context', { context: { 'http.status': 503 } }],
    ['a key that holds a dot itself', { context: { 'http.method': 'POST' } }],
    ['one entry of a list in the context', { context: { tags: 'eu' } }],
    ['true and false', { context: { retried: true } }],
    ['either of two forms of one field', { service: [{ equals: 'other' }, { glob: 'check*' }] }],
  ])('%s', (_what, match) => {
    expect(decide(match)).toMatchObject({ rules: ['r'], severity: 'info' });
  });

  test.each<[string, UserRuleCondition]>([
    ['another service', { service: 'orders' }],
    ['a part of a value where the whole is asked for', { service: 'check' }],
    ['a field that the event lacks', { context: { tenant: { glob: '*' } } }],
    ['one of two fields', { service: 'checkout', environment: 'staging' }],
    ['a file of a dependency', { file: { glob: '*node_modules*' } }],
    ['what an object inherits', { context: { constructor: { glob: '*' } } }],
  ])('not %s', (_what, match) => {
    expect(decide(match)).toBeUndefined();
  });

  it('every event where it asks for nothing', () => {
    expect(decide(undefined)).toMatchObject({ rules: ['r'] });
  });

  it('when one of several conditions holds, and not what it excepts', () => {
    const then = { ignore: true };
    const any = { id: 'a', match: [{ service: 'x' }, { name: 'PaymentError' }], then };
    expect(createUserRules([any]).decide(EVENT)?.setAside).toEqual({ reason: 'ignored', rule: 'a' });
    const except = { ...any, except: { environment: 'production' } };
    expect(createUserRules([except]).decide(EVENT)).toBeUndefined();
  });
});

describe('of several rules that match', () => {
  const rules = createUserRules([
    rule('first', { service: 'checkout' }, { severity: 'critical', ignore: false }),
    rule('other', { service: 'orders' }, { assignee: 'nobody' }),
    rule('second', undefined, { severity: 'info', assignee: 'payments', route: ['chat'], ignore: true }),
  ]);

  it('each effect is that of the first that has it', () => {
    expect(rules.decide(EVENT)).toMatchObject({
      rules: ['first', 'second'],
      severity: 'critical',
      assignee: 'payments',
      route: ['chat'],
    });
    expect(rules.decide(EVENT)?.setAside).toBeUndefined();
  });

  it('it is explained which matched, what they overrule, and why the others did not', () => {
    expect(rules.explain(EVENT).findings).toEqual([
      { rule: 'first', matched: true, reason: 'all that it asks for holds.', overruled: [] },
      { rule: 'other', matched: false, reason: 'service is "checkout", not "orders".', overruled: [] },
      { rule: 'second', matched: true, reason: 'it matches every event.', overruled: ['severity', 'ignore'] },
    ]);
  });
});

describe('a sample', () => {
  const rules = createUserRules([rule('tenth', undefined, { sample: 0.1 })]);
  const isKept = (eventId: string) => rules.decide({ ...EVENT, eventId })?.setAside === undefined;

  it('keeps its share', () => {
    const kept = Array.from({ length: 5000 }, (_, index) => isKept(`event-${index}`)).filter(Boolean).length;
    expect(kept).toBeGreaterThan(400);
    expect(kept).toBeLessThan(600);
  });

  it('decides the same for a redelivery, in any process', () => {
    for (const eventId of ['a', 'b', 'c', 'd']) expect(isKept(eventId)).toBe(isKept(eventId));
    const all = createUserRules([rule('all', undefined, { sample: 1 })]);
    const none = createUserRules([rule('none', undefined, { sample: 0 })]);
    expect(all.decide(EVENT)?.setAside).toBeUndefined();
    expect(none.decide(EVENT)?.setAside).toEqual({ reason: 'sampled', rule: 'none' });
  });
});

describe('texts of a rule', () => {
  it('name groups of the expression and fields of the event', () => {
    const match = { message: { regex: 'status (?<status>\\d{3})' } };
    const decision = decide(match, {
      fingerprint: ['{service}', 'status-{status}'],
      answer: {
        rootCause: 'Down with {status}.',
        suggestedFix: 'Wait, {nobody|friend}.',
        category: 'network',
      },
    });
    expect(decision?.fingerprint).toEqual(['checkout', 'status-503']);
    expect(decision?.answer?.()).toMatchObject({
      id: 'r',
      rootCause: 'Down with 503.',
      suggestedFix: 'Wait, friend.',
      category: 'network',
      confidence: 100,
    });
  });

  it('{default} in a fingerprint is the hash that Patrol would take', () => {
    const { errorHash } = hashErrorLog(EVENT.errorLog);
    expect(decide(undefined, { fingerprint: ['{default}', '{environment}'] })?.fingerprint).toEqual([
      errorHash,
      'production',
    ]);
  });

  it('never show a secret of the event', () => {
    const secret = ['hunter', 'two', '99'].join('-');
    const event = { ...EVENT, errorLog: { message: `login failed: password=${secret} for anna` } };
    const match = { message: { regex: 'failed: (?<what>.{1,100})' } };
    const rules = createUserRules([
      rule('r', match, { answer: { rootCause: 'It was {what}.', suggestedFix: 'x' } }),
      rule('other', { message: 'y' }, { ignore: true }),
    ]);
    expect(rules.decide(event)?.answer?.().rootCause).toContain('password=');
    expect(JSON.stringify([rules.decide(event)?.answer?.(), rules.explain(event).findings])).not.toContain(
      secret,
    );
  });
});

it('what leads to another analysis has a variant of its own; what does not, has none', () => {
  const variant = (then: UserRuleEffects) => decide(undefined, then)?.variant;
  expect(variant({ severity: 'info', budget: { callsPerDay: 1 } })).toBe('');
  const others = [variant({ hint: 'a' }), variant({ hint: 'b' }), variant({ model: 'a' })];
  expect(new Set(others).size).toBe(3);
  expect(others).not.toContain('');
});
