import { closest, distance } from 'fastest-levenshtein';
import { type Environment, parseConfig } from '../../src/config.ts';
import { settings } from '../../src/settings.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('settings');

/** Every variable that Patrol reads. */
const KNOWN: readonly string[] = Object.values(settings).flatMap(({ env }) => env);
/** How far a name may be from a known one to be taken for a slip. */
const NEAR = 3;
/** Prefixes of Patrol's variables; in the others a name is strange only when it is near a known one. */
const OWN = 'PATROL_';
const SHARED = ['OPENAI_', 'CACHE_'];

/** Every setting that is wrong, and every variable that looks like one of Patrol's and is none. */
export function checkSettings(environment: Environment): readonly Finding[] {
  const wrong = parseConfig({}, environment).problems.map(({ message }) =>
    failed(message, 'Correct it, or unset it to take the default.'),
  );
  const strange = Object.keys(environment)
    .filter((name) => !KNOWN.includes(name))
    .flatMap((name) => {
      const own = name.startsWith(OWN);
      if (!own && !SHARED.some((prefix) => name.startsWith(prefix))) return [];
      const guess = closest(name, [...KNOWN]);
      const isNear = distance(name, guess) <= NEAR;
      if (!own && !isNear) return [];
      const mend = isNear ? `Did you mean ${guess}?` : 'Remove it, or look its name up in the README.';
      return [warning(`${name} is no setting of Patrol: it does nothing.`, mend)];
    });
  const found = [...wrong, ...strange];
  const set = KNOWN.filter((name) => (environment[name] ?? '').trim() !== '').length;
  return found.length > 0
    ? found
    : [ok(`${set} ${set === 1 ? 'variable is' : 'variables are'} set, nothing wrong.`)];
}
