import type { ErrorSummary } from '../../../history/history.ts';

/** A rule as the file has it; the server checks it. */
export interface DraftRule {
  readonly id: string;
  readonly match: Readonly<Record<string, unknown>>;
  readonly then: Readonly<Record<string, unknown>>;
}

/** A rule that matches what looks like this error: its class, its service, its message without what changes. */
export function draftRule(
  error: Pick<ErrorSummary, 'errorHash' | 'message' | 'name' | 'services'>,
): DraftRule {
  const { errorHash, message, name, services } = error;
  const match = {
    ...(services.length === 1 && { service: services[0] }),
    ...(name !== undefined && { name }),
    message: { glob: globOf(message) },
  };
  return makeRule(`ignore-${errorHash.slice(0, 8)}`, match, { ignore: true });
}

/** A rule, in the order in which people read one. */
export function makeRule(id: string, match: DraftRule['match'], effects: DraftRule['then']): DraftRule {
  // biome-ignore lint/suspicious/noThenProperty: the word of the rules' schema; nobody awaits a rule.
  return { id, match, then: effects };
}

/** Longest expression of a rule that a person still reads. */
const MAX_GLOB = 200;

/** Words with digits, quoted values and placeholders of redaction stand for anything. */
function globOf(message: string): string {
  const firstLine = message.split('\n', 1)[0] ?? '';
  const general = firstLine
    .slice(0, MAX_GLOB)
    .replace(/\[REDACTED[^\]\n]{0,60}\]/g, '*')
    .replace(/"[^"\n]{0,100}"/g, '"*"')
    .replace(/\S*\d\S*/g, '*')
    .replace(/\*(?:\s*\*)+/g, '*');
  const cut = firstLine.length > MAX_GLOB || message.includes('\n');
  return cut && !general.endsWith('*') ? `${general}*` : general;
}
