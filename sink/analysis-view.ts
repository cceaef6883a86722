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
  /** The latest commits to the failing lines, newest first; empty where nobody knows. */
  readonly commits: readonly CommitLine[];
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

/** One of the latest commits to the failing lines. */
export interface CommitLine {
  /** E.g. `c0ffee1234`. */
  readonly name: string;
  /** E.g. `of 2026-01-02 by Ada: Enlarge the pool`. */
  readonly about: string;
  /** An address that is safe to link to, see {@link linkTo}; empty where there is none. */
  readonly link: string;
}

/** Why somebody is told of an error now; a test is none. */
export type Occasion = 'new' | 'regressed' | 'spike' | 'test';

const MAX_CITED = 3;
const MAX_COMMITS = 3;
const MAX_STEPS = 4;
/** An e-mail has room, a chat has not; media with less cut further. */
const MAX_TEXT = 4000;

/** Arranges the record of an analysis for people. */
export function toView({ patrol }: AnalysisRecord, occasion?: Occasion): AnalysisView {
  return {
    heading: headingOf(patrol, occasion),
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
    commits: commitsOf(patrol),
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

function headingOf({ service, occurrences }: AnalysisFields, occasion: Occasion | undefined): string {
  const where = service === undefined ? '' : ` in ${oneLine(service)}`;
  const times = occurrences > 1 ? `, ${occurrences} times` : '';
  switch (occasion) {
    case undefined:
      return `Error${where}${times}`;
    case 'new':
      return `New error${where}${times}`;
    case 'regressed':
      return `Error${where} came back${times}`;
    case 'spike':
      return `Error${where} comes more often than usual${times}`;
    case 'test':
      return 'Test of an alert';
  }
}

function commitsOf({ suspectCommits = [] }: AnalysisFields): readonly CommitLine[] {
  return suspectCommits.slice(0, MAX_COMMITS).map(({ sha, date, author, message, url }) => ({
    name: oneLine(sha.slice(0, 10)),
    about: oneLine(`of ${date.slice(0, 10)} by ${author}: ${message}`),
    link: linkTo(url, sha),
  }));
}

/** Host, folders, `commit` or `commits`, the hash: nothing that any medium's markup could read as its own. */
const COMMIT_URL = /^https:\/\/[\w.-]+(?::\d+)?(?:\/[\w.~-]+){2,8}\/commits?\/([0-9a-f]{40,64})$/;
const MAX_LINK = 140;

/** The address of a commit as code hosts write it, which ends with that commit's own hash; empty for any other. */
function linkTo(url: string | undefined, sha: string): string {
  if (url === undefined || url.length > MAX_LINK) return '';
  return COMMIT_URL.exec(url)?.[1] === sha ? url : '';
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
