import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { captureErrorLog } from '../../../src/capture.ts';
import { loadConfig } from '../../../src/config.ts';
import { createEngine } from '../../../src/create-engine.ts';
import { parseErrorLogEvent } from '../../../src/event.ts';
import { createUserRules } from '../../../src/user-rules/decide.ts';
import { startOpenAI, type TestOpenAI } from '../../support/openai-server.ts';

let openai: TestOpenAI;
const folder = mkdtempSync(join(tmpdir(), 'patrol-rules-'));
beforeAll(async () => {
  openai = await startOpenAI();
});
afterEach(() => openai.reset());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await openai.stop();
});

let files = 0;
const engineWith = (yaml: string, env: Record<string, string> = {}) => {
  const file = join(folder, `${files++}.yaml`);
  writeFileSync(file, yaml);
  return createEngine(loadConfig({}, { ...openai.env, ...env, PATROL_RULES_FILE: file }));
};
const failed = (id: string, service = 'shop') => ({
  service,
  errorLog: { name: 'CartError', message: `cart ${id} failed` },
});

it('a fingerprint of a rule decides what is the same error', async () => {
  const engine = await engineWith(`
- id: by-service
  then: { fingerprint: ['{default}', '{service}'] }
`);
  const a = await engine.processErrorLog(failed('1', 'a'));
  const b = await engine.processErrorLog(failed('2', 'b'));
  const again = await engine.processErrorLog(failed('3', 'a'));
  expect(a.errorHash).not.toBe(b.errorHash);
  expect(again).toMatchObject({ errorHash: a.errorHash, cached: true });
  expect(engine.identify(failed('4', 'b')).errorHash).toBe(b.errorHash);
  expect(engine.recall(failed('5', 'b'))).toMatchObject({ errorHash: b.errorHash });
});

it('what a rule ignores is refused by that name, and nobody is asked', async () => {
  const engine = await engineWith('- id: quiet\n  match: { service: shop }\n  then: { ignore: true }\n');
  await expect(engine.processErrorLog(failed('1'))).rejects.toMatchObject({
    code: 'SET_ASIDE',
    message: 'Rule "quiet": ignored.',
    retryable: false,
  });
  expect(engine.recall(failed('1'))).toBeUndefined();
  expect(openai.requests()).toHaveLength(0);
});

it('a certain answer costs no call; a changed answer holds at once', async () => {
  const answer = (text: string) =>
    `- id: known\n  then: { answer: { rootCause: '${text}', suggestedFix: Wait. } }\n`;
  const engine = await engineWith(answer('Sunday.'));
  expect(await engine.processErrorLog(failed('1'))).toMatchObject({
    source: 'rules',
    ruleId: 'known',
    rootCause: 'Sunday.',
    confidenceScore: 100,
  });
  expect(openai.requests()).toHaveLength(0);
});

it('a hint reaches the model outside of what was logged, and another model is asked where a rule says so', async () => {
  const engine = await engineWith(`
- id: hint
  match: { message: { glob: cart* } }
  then: { hint: Carts are kept in Redis for an hour., model: gpt-4o }
`);
  await engine.processErrorLog(failed('1'));
  const [request] = openai.requests();
  expect(request?.body.model).toBe('gpt-4o');
  const untrusted = request?.user.indexOf('<untrusted-') ?? -1;
  const hint = request?.user.indexOf('Carts are kept in Redis for an hour.') ?? -1;
  expect(hint).toBeGreaterThan(0);
  expect(hint).toBeLessThan(untrusted);
  // Other errors are asked as always.
  await engine.processErrorLog({ errorLog: { name: 'OtherError', message: 'something else broke' } });
  expect(openai.requests()[1]?.body.model).toBe('gpt-4o-mini');
  expect(openai.requests()[1]?.user).not.toContain('Redis');
});

it('the budget of a rule counts the calls for what it matches, and nothing else', async () => {
  const engine = await engineWith(`
- id: thrifty
  match: { service: batch }
  then: { budget: { callsPerDay: 1 } }
`);
  const different = (name: string, service: string) => ({
    service,
    errorLog: { name, message: `${name} happened somewhere deep in the ${name} part` },
  });
  await engine.processErrorLog(different('AlphaError', 'batch'));
  await expect(engine.processErrorLog(different('BetaError', 'batch'))).rejects.toMatchObject({
    code: 'BUDGET_EXCEEDED',
  });
  expect(await engine.processErrorLog(different('GammaError', 'shop'))).toMatchObject({ source: 'llm' });
});

it('a level above error stays with the event, so that a rule can ask for it', () => {
  const rules = createUserRules([
    { id: 'fatal', match: { level: 'fatal' }, then: { severity: 'critical' } },
    { id: 'error', match: { level: 'error' }, then: { severity: 'warning' } },
  ]);
  const severityOf = (record: unknown) =>
    rules.decide(parseErrorLogEvent({ errorLog: captureErrorLog(record) }))?.severity;
  expect(severityOf({ level: 60, msg: 'x', err: new Error('x') })).toBe('critical');
  expect(severityOf({ level: '\u001b[31mFATAL\u001b[39m', message: 'x' })).toBe('critical');
  expect(severityOf({ level: 50, msg: 'x' })).toBe('warning');
});
