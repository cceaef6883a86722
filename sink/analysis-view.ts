import type { AnalysisFields, AnalysisRecord } from '../src/analysis-record.ts';
import { visibleText } from '../src/plain-text.ts';

/**
 * What a person who was just woken reads of an analysis, in every medium the same. All texts are data: each
 * medium escapes them in its own way. They hold nothing invisible and, but for code, no line breaks.
 */
export interface AnalysisView {
  /** E.g. `Error in orders, 14 times`. */
  readonly heading: string;
  /** The message of the error. */
  readonly error: string;
  /** The root cause, or why none was found. */
  readonly cause: string;
  /** Empty without a root cause. */
  readonly fix: string;
  /** How far to trust it: Patrol's own words only. */
  readonly verdict: string;
  /** Where it was raised; empty where nobody knows. */
  readonly where: string;
  /** The cited code. */
  readonly code: readonly CitedLine[];
  /** The latest commit to the failing lines; empty where nobody knows. */
  readonly commit: string;
  readonly steps: readonly string[];
  /** What identifies it: hash, model, event. */
  readonly footer: string;
}

/** A line of code, and whether Patrol found it where it is said to stand. */
export interface CitedLine {
  /** E.g. `src/orders.js:12`. */
  readonly place: string;
  readonly quote: string;
  readonly verified: boolean;
}

const MAX_CITED = 3;
const MAX_STEPS = 4;
/** An e-mail has room, a chat has not; media with less cut further. */
const MAX_TEXT = 4000;

/** Arranges the record of an analysis for people. */
export function toView({ patrol }: AnalysisRecord): AnalysisView {
  const service = patrol.service === undefined ? '' : ` in ${oneLine(patrol.service)}`;
  const times = patrol.occurrences > 1 ? `, ${patrol.occurrences} times` : '';
  return {
    heading: `Error${service}${times}`,
    error: oneLine(patrol.message),
    // The analysis of an error that nobody could explain has code below its first line.
    cause: oneLine(patrol.rootCause || (patrol.analysis.split('\n', 1)[0] ?? '')),
    fix: patrol.rootCause === '' ? '' : oneLine(patrol.suggestedFix),
    verdict: verdictOf(patrol),
    where: oneLine(patrol.location ?? ''),
    code: patrol.evidence.slice(0, MAX_CITED).map(({ file, line, quote, verified }) => ({
      place: oneLine(`${file}:${line}`),
      quote: visibleText(quote.slice(0, MAX_TEXT)).trim(),
      verified,
    })),
    commit: commitOf(patrol),
    steps: patrol.nextSteps.slice(0, MAX_STEPS).map(oneLine).filter(Boolean),
    footer: oneLine(
      [
        `Patrol ${patrol.errorHash.slice(0, 12)}`,
        ...(patrol.model === undefined ? [] : [patrol.model]),
        ...(patrol.cached ? ['from cache'] : []),
        ...(patrol.similarTo === undefined
          ? []
          : [`taken from the similar error ${patrol.similarTo.slice(0, 12)}`]),
        `event ${patrol.eventId}`,
      ].join(' · '),
    ),
  };
}

function commitOf({ suspectCommits = [] }: AnalysisFields): string {
  const [last] = suspectCommits;
  if (!last) return '';
  const { sha, date, author, message } = last;
  return oneLine(`${sha.slice(0, 10)} of ${date.slice(0, 10)} by ${author}: ${message}`);
}

/** How far an analysis may be trusted, in Patrol's own words: `80 % sure. AI-generated, not verified.` */
function verdictOf(patrol: AnalysisFields): string {
  const { source, evidence, confidenceScore } = patrol;
  if (source === 'none') return 'Nobody has judged this error.';
  if (source === 'rules') return `${confidenceScore} % sure. A known error.`;
  const verified = evidence.filter((one) => one.verified).length;
  const checked = verified === 0 ? 'not verified' : `${verified} of ${evidence.length} cited lines verified`;
  return `${confidenceScore} % sure. AI-generated, ${checked}.`;
}

function oneLine(text: string): string {
  return visibleText(text.slice(0, MAX_TEXT)).replace(/\s+/g, ' ').trim();
}
