import { describe, expect, it } from 'vitest';
import { draftRule } from '../../sink/dashboard/app/rules/draft-rule.ts';
import { createUserRules } from '../../src/user-rules/decide.ts';
import { errorEvent } from '../support/events.ts';

const errorHash = 'ab'.repeat(32);

/** Whether the rule that the dashboard proposes for one error matches another. */
function matches(message: string, other: string, service = 'orders'): boolean {
  const rule = draftRule({ errorHash, name: 'Error', services: ['orders'], message });
  const rules = createUserRules([rule as Parameters<typeof createUserRules>[0][number]]);
  const event = errorEvent({ service, errorLog: { name: 'Error', message: other } });
  return rules.decide(event as never)?.setAside?.reason === 'ignored';
}

describe('the rule that is proposed for an error', () => {
  it.each([
    ['order 1042 is locked', 'order 7 is locked'],
    ['cannot open "/tmp/a"', 'cannot open "/var/b"'],
    ['user [REDACTED:email] is unknown', 'user jane is unknown'],
    ['one line\nand another', 'one line\nand more'],
    [`it is long: ${'word '.repeat(100)}`, `it is long: ${'word '.repeat(100)}`],
    ['what? *all* of it', 'what? *all* of it'],
  ])('matches what looks like it: %j', (message, other) => {
    expect(matches(message, message)).toBe(true);
    expect(matches(message, other)).toBe(true);
  });

  it('leaves other errors and other services alone', () => {
    expect(matches('order 1042 is locked', 'order 1042 is paid')).toBe(false);
    expect(matches('order 1042 is locked', 'order 1042 is locked', 'shipping')).toBe(false);
  });
});
