import { loadConfig } from '../../src/config.ts';
import { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import { checkRules, type RuleProblem } from '../../src/user-rules/read-rules.ts';
import { type CheckedEvent, checkAgainst } from '../rules/check.ts';
import { readErrors } from './explain.ts';
import { readInput } from './input.ts';

/** The rule file that is named, or that the settings name. */
function ruleFile(given: string | undefined): string {
  const file = given ?? loadConfig().rulesFile;
  if (file === undefined) {
    throw new PatrolError('CONFIG_INVALID', 'No rule file is named: give one, or set PATROL_RULES_FILE.');
  }
  return file;
}

/**
 * `patrol rules check [event|-]`: what the rules of a file would do with an event.
 *
 * @throws {PatrolError} `RULE_INVALID` for a wrong rule file, `EVENT_INVALID` for no event.
 */
export async function checkEvent(
  input: string,
  rules: string | undefined,
): Promise<{ readonly text: string; readonly data: CheckedEvent }> {
  const file = ruleFile(rules);
  const [first] = readErrors(await readInput(input));
  if (!first) throw new PatrolError('EVENT_INVALID', 'Expected an event to check, got an empty text.');
  const event = parseErrorLogEvent(first.event ?? { errorLog: first.errorLog, ...settingsOfEvents() });
  const data = await checkAgainst(file, event);
  return { text: toText(data), data };
}

/** A log line is checked as the application would send it. */
function settingsOfEvents(): Readonly<Record<string, string>> {
  const { service, environment, commit, repositoryUrl } = loadConfig();
  return Object.fromEntries(
    Object.entries({ service, environment, commit, repositoryUrl }).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );
}

function toText({ errorHash, findings, knownError, decision }: CheckedEvent): string {
  const lines = findings.map(({ rule, matched, reason, overruled }) => {
    const also = overruled.length > 0 ? ` An earlier rule has set: ${overruled.join(', ')}.` : '';
    return `${matched ? 'matches ' : '–       '} ${rule}: ${reason}${also}`;
  });
  return [
    ...(lines.length > 0 ? lines : ['The file has no rules but known errors.']),
    ...(knownError === undefined ? [] : [`matches  ${knownError} (known error)`]),
    '',
    ...Object.entries(decision).map(([effect, value]) => `${effect.padEnd(12)} ${plain(value)}`),
    `${'error hash'.padEnd(12)} ${errorHash}`,
    '',
  ].join('\n');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `patrol rules validate [file]`: everything that is wrong in a rule file. */
export async function validateFile(given: string | undefined): Promise<{
  readonly text: string;
  readonly valid: boolean;
  readonly data: { readonly file: string; readonly rules: number; readonly problems: readonly RuleProblem[] };
}> {
  const name = ruleFile(given);
  const { file, problems } = await checkRules(await readInput(name));
  const rules = file ? file.rules.length + file.knownErrors.length : 0;
  const text = file
    ? `${name}: ${rules} ${rules === 1 ? 'rule' : 'rules'}, nothing wrong.\n`
    : problems
        .map(({ line, message }) => `${name}${line === undefined ? '' : `:${line}`}: ${message}\n`)
        .join('');
  return { text, valid: file !== undefined, data: { file: name, rules, problems } };
}
