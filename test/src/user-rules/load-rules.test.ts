import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseErrorLogEvent } from '../../../src/event.ts';
import { type LoadedRules, loadRules } from '../../../src/user-rules/load-rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'patrol-rules-'));
const file = join(folder, 'rules.yaml');
const write = (text: string) => {
  // As editors and deployments do: the file is another one afterwards.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};
const newEvent = () => parseErrorLogEvent({ errorLog: { message: 'x' } });
const assignee = () => rules.decide(newEvent())?.assignee;
const ruleFor = (name: string) => `- id: a\n  then: { assignee: ${name} }\n`;

let rules: LoadedRules;
let problems: string[] = [];
beforeEach(async () => {
  problems = [];
  write(ruleFor('anna'));
  rules = await loadRules(file, { interval: 20, onProblem: (problem) => problems.push(problem) });
});
afterEach(() => {
  rules.close();
  rmSync(file, { force: true });
});

it('a change of the file holds without a restart', async () => {
  expect(assignee()).toBe('anna');
  write(ruleFor('ben'));
  await vi.waitFor(() => expect(assignee()).toBe('ben'), { timeout: 10_000 });
  expect(problems).toEqual([]);
});

it('a broken change leaves the rules as they are, and is said once, with its line', async () => {
  write('- id: a\n  then: { assigne: ben }\n');
  await vi.waitFor(() => expect(problems).toHaveLength(1), { timeout: 10_000 });
  expect(problems[0]).toContain(`${file}:2: Rule "a": then.assigne is no field of a rule`);
  expect(problems[0]).toContain('The rules before this change stay in force.');
  expect(assignee()).toBe('anna');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(problems).toHaveLength(1);
  write(ruleFor('carl'));
  await vi.waitFor(() => expect(assignee()).toBe('carl'), { timeout: 10_000 });
});

it('so does a file that is gone', async () => {
  rmSync(file);
  await vi.waitFor(() => expect(problems).toHaveLength(1), { timeout: 10_000 });
  expect(assignee()).toBe('anna');
});

it('a file that is not there at the start is an error', async () => {
  await expect(loadRules(join(folder, 'missing.yaml'), { onProblem() {} })).rejects.toMatchObject({
    code: 'RULE_INVALID',
  });
});
