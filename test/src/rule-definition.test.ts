import { describe, expect, it } from 'vitest';
import { PatrolError } from '../../src/errors.ts';
import { parseRules } from '../../src/rule-file.ts';
import { createRuleMatcher, knownErrors, type RuleDefinition } from '../../src/rules.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';

const rule: RuleDefinition = {
  id: 'shop/provider-down',
  match: { name: 'PaymentError', message: 'provider (?<provider>\\w{1,40}) unavailable' },
  category: 'network',
  rootCause: 'The payment provider {provider} is down.',
  suggestedFix: 'Look at the status page of {provider}.',
  confidence: 95,
};

const refusal = (json: unknown): string => {
  try {
    parseRules(json);
  } catch (error) {
    expect(error).toBeInstanceOf(PatrolError);
    expect((error as PatrolError).code).toBe('RULE_INVALID');
    return (error as PatrolError).message;
  }
  throw new Error('It was accepted.');
};

describe('rules of a user', () => {
  it('are an array, or an object that holds one', () => {
    expect(parseRules([rule])).toEqual([rule]);
    expect(parseRules({ rules: [rule] })).toEqual([rule]);
    expect(parseRules([])).toEqual([]);
  });

  it('answer with the parts of the message that they name', () => {
    const match = createRuleMatcher(parseRules([rule]));
    const known = match(
      { name: 'PaymentError', message: 'provider stripe unavailable' },
      parseStackTrace(''),
    );
    expect(known).toMatchObject({
      id: 'shop/provider-down',
      rootCause: 'The payment provider stripe is down.',
      suggestedFix: 'Look at the status page of stripe.',
      confidence: 95,
      needsCode: false,
    });
  });

  it('go before what Patrol knows, even where that would recognise a cause', () => {
    const error = new Error('provider stripe unavailable', {
      cause: new Error('connect ECONNREFUSED 10.0.0.1:443'),
    });
    const stackTrace = `PaymentError: provider stripe unavailable\n    at pay (/app/pay.js:1:1)\ncaused by: Error: ${(error.cause as Error).message}\n    at connect (node:net:1:1)`;
    const errorLog = { name: 'PaymentError', message: error.message, stackTrace };
    const withOwn = createRuleMatcher([...knownErrors, ...parseRules([rule])]);
    expect(withOwn(errorLog, parseStackTrace(stackTrace))?.id).toBe('shop/provider-down');
    const without = createRuleMatcher(knownErrors);
    expect(without(errorLog, parseStackTrace(stackTrace))).toMatchObject({
      id: 'node/econnrefused',
      matched: 'cause',
    });
  });

  it('recognise a stack by a frame in it', () => {
    const match = createRuleMatcher(
      parseRules([
        {
          ...rule,
          match: { stack: 'node_modules/legacy-sdk/' },
          rootCause: 'The old SDK.',
          suggestedFix: 'Replace it.',
        },
      ]),
    );
    const stackTrace = 'Error: x\n    at call (/app/node_modules/legacy-sdk/index.js:1:1)';
    expect(match({ message: 'x', stackTrace }, parseStackTrace(stackTrace))?.rootCause).toBe('The old SDK.');
    expect(match({ message: 'x' }, parseStackTrace(''))).toBeUndefined();
  });

  it('must all conditions of a match hold, any of several matches', () => {
    const match = createRuleMatcher(
      parseRules([
        {
          ...rule,
          match: [
            { name: 'PaymentError', message: 'provider (?<provider>\\w{1,40})' },
            { code: ['E_PAY', '402'] },
          ],
          rootCause: '{provider|Some provider} is down.',
          suggestedFix: 'Wait.',
        },
      ]),
    );
    const none = parseStackTrace('');
    expect(match({ name: 'PaymentError', message: 'provider stripe' }, none)?.rootCause).toBe(
      'stripe is down.',
    );
    expect(match({ message: 'x', code: '402' }, none)?.rootCause).toBe('Some provider is down.');
    expect(match({ name: 'PaymentError', message: 'x' }, none)).toBeUndefined();
    expect(match({ message: 'provider stripe' }, none)).toBeUndefined();
  });

  it('recognise a code also in the header of a stack and in the message', () => {
    const match = createRuleMatcher(
      parseRules([{ ...rule, match: { code: 'ERR_SHOP' }, rootCause: 'Known.', suggestedFix: 'Fix.' }]),
    );
    const stackTrace = 'TypeError [ERR_SHOP]: x\n    at a (/app/a.js:1:1)';
    expect(match({ message: 'x', stackTrace }, parseStackTrace(stackTrace))?.id).toBe(rule.id);
    expect(match({ message: 'failed with ERR_SHOP today' }, parseStackTrace(''))?.id).toBe(rule.id);
    expect(match({ message: 'failed with ERR_SHOPPING today' }, parseStackTrace(''))).toBeUndefined();
  });
});

describe('a wrong rule file is refused with the rule, the field and what to do', () => {
  it.each([
    ['a text', 'rules', 'array'],
    [{ rules: 'x' }, 'rules', 'a string of 1 character'],
    [[7], 'Rule number 1', 'object'],
    [[{ ...rule, id: '' }], 'id', 'letters, digits'],
    [[{ ...rule, confidence: 120 }], '"shop/provider-down"', 'confidence to be a number from 0 to 100'],
    [[{ ...rule, confidence: 'high' }], 'confidence', 'a string of 4'],
    [[{ ...rule, category: 'weather' }], 'category to be one of bug, network', 'a string of 7 characters'],
    [
      [{ ...rule, match: {} }],
      'match to be an object with at least one of name, code, message, stack',
      'an object',
    ],
    [[{ ...rule, rootcause: 'x' }], 'rootcause is no field of a rule', 'remove it or correct its name'],
    [[{ ...rule, suggestedFix: undefined }], 'suggestedFix', 'nothing'],
    [[rule, rule], 'id to be unique', 'twice'],
    [
      [{ ...rule, match: { message: '(' } }],
      'match.message is not a regular expression',
      'Unterminated group',
    ],
    [[{ ...rule, match: { message: '(a+)+$' } }], 'match.message', 'bound its repetitions'],
    [
      [{ ...rule, match: { message: '.*provider (?<provider>.*)' } }],
      'match.message',
      '{0,100} in place of *',
    ],
    [[{ ...rule, match: { stack: '(a{1,100}){1,100}' } }], 'match.stack', 'repeat no group'],
    [[{ ...rule, match: { message: '(a)\\1' } }], 'match.message', 'refers back'],
    [[{ ...rule, rootCause: '{nobody} is down' }], 'rootCause uses {nobody}', 'add (?<nobody>…)'],
    [
      [{ ...rule, match: [rule.match, { code: 'X' }] }],
      'uses {provider}',
      'or write {provider|what to say without it}',
    ],
    [
      Array.from({ length: 1001 }, (_, index) => ({ ...rule, id: `r${index}` })),
      'at most 1000 rules',
      '1001',
    ],
  ])('%#: %s', (json, what, hint) => {
    const message = refusal(json);
    expect(message).toContain(what);
    expect(message).toContain(hint);
  });

  it('also when it did not come through parseRules', () => {
    expect(() => createRuleMatcher([{ ...rule, match: { message: '(a*)*' } }])).toThrow(
      /shop\/provider-down/,
    );
  });
});
