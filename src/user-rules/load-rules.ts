import { readFile, stat } from 'node:fs/promises';
import { messageOf, PatrolError } from '../errors.ts';
import { createRuleMatcher, type RuleMatcher } from '../rules.ts';
import type { Milliseconds } from '../types.ts';
import { createUserRules } from './decide.ts';
import { MAX_FILE, type RuleFile, readRules } from './read-rules.ts';
import type { UserRules } from './user-rule.ts';

/** The rules of a file, as it stands. */
export interface LoadedRules extends UserRules {
  /** The file's known errors. */
  readonly knownError: RuleMatcher;
  /** What the file held when it was last read. */
  readonly contents: RuleFile;
  /** Reads the file again at once; a broken one leaves the rules as they are, and is told. */
  reload(): Promise<void>;
  /** Watches no longer. */
  close(): void;
}

/** Options of {@link loadRules}. */
export interface LoadRulesOptions {
  /** Told once of each broken version of the file; the rules before it stay in force. */
  readonly onProblem: (problem: string) => void;
  /** Between two looks at the file's time of change; false never looks. @defaultValue 2000 */
  readonly interval?: Milliseconds | false;
}

/**
 * Loads a rule file and follows its changes, without a restart. Looking is one `stat` now and then, on the side; it
 * keeps no process alive.
 *
 * @throws {PatrolError} `RULE_INVALID` when the file cannot be read or something in it is wrong.
 */
export async function loadRules(
  path: string,
  { onProblem, interval = 2000 }: LoadRulesOptions,
): Promise<LoadedRules> {
  let seen = await stampOf(path);
  let now = compile(await readFileOf(path));
  let reading: Promise<void> = Promise.resolve();

  const read = async (): Promise<void> => {
    try {
      now = compile(await readFileOf(path));
    } catch (error) {
      onProblem(`${messageOf(error)}\nThe rules before this change stay in force.`);
    }
  };
  const reload = (): Promise<void> => {
    reading = reading.then(read);
    return reading;
  };
  const look = async (): Promise<void> => {
    const stamp = await stampOf(path);
    if (stamp === seen) return;
    seen = stamp;
    await reload();
  };
  // Not fs.watch: it misses files that are renamed into place, and mounted ones.
  const timer = interval === false ? undefined : setInterval(() => void look(), interval).unref();

  return {
    decide: (event) => now.rules.decide(event),
    explain: (event) => now.rules.explain(event),
    knownError: (errorLog, stack) => now.knownError(errorLog, stack),
    get contents() {
      return now.contents;
    },
    reload,
    close: () => clearInterval(timer),
  };
}

interface Compiled {
  readonly contents: RuleFile;
  readonly rules: UserRules;
  readonly knownError: RuleMatcher;
}

function compile(contents: RuleFile): Compiled {
  return {
    contents,
    rules: createUserRules(contents.rules),
    knownError: createRuleMatcher(contents.knownErrors),
  };
}

/** What changes when the file does; taken before it is read, so that no change falls between. */
async function stampOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : 'none';
}

async function readFileOf(path: string): Promise<RuleFile> {
  let source: string;
  try {
    // A character takes at most four bytes: what is longer is too long in any case.
    if ((await stat(path)).size > 4 * MAX_FILE) throw new Error(`it is longer than ${4 * MAX_FILE} bytes`);
    source = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PatrolError('RULE_INVALID', `Could not read the rule file ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return readRules(source, path);
}
