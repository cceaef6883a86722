import type { AnalysisFields } from '../../src/analysis-record.ts';
import type { ErrorHash, Timestamp } from '../../src/types.ts';

/** One distinct error of a report; everything redacted. */
export interface ReportedError {
  readonly errorHash: ErrorHash;
  readonly name?: string;
  readonly message: string;
  /** Records of it; never less than the truth. */
  readonly count: number;
  /** By how much `count` may be too high; 0 where it is exact. */
  readonly over: number;
  readonly firstSeen?: Timestamp;
  readonly lastSeen?: Timestamp;
  /** The log in which it stands first. */
  readonly file: string;
  /** And the line, 1-based. */
  readonly line: number;
  readonly services: readonly string[];
  readonly analysis?: AnalysisFields;
  /** Why there is no analysis. */
  readonly notAnalysed?: string;
}

/** What `patrol analyze` found in logs. */
export interface LogReport {
  /** The most frequent first. */
  readonly errors: readonly ReportedError[];
  /** Error records in all. */
  readonly records: number;
  /** Distinct errors that were counted to the end. */
  readonly distinct: number;
  /** Records of distinct errors beyond those that are shown. */
  readonly notShown: number;
  /** No more than so many distinct errors were too rare to be kept. */
  readonly folded: number;
  /** Error records that a rule ignores. */
  readonly ignored: number;
  readonly lines: number;
  /** Unpacked. */
  readonly bytes: number;
  readonly problems: readonly { readonly file: string; readonly problem: string }[];
  readonly dryRun: boolean;
  /** The model that was asked, or would be. */
  readonly model: string | undefined;
  readonly calls: number;
  readonly tokens: number;
  /** US dollars where the price is known; of a dry run, what it would be at most. */
  readonly costUsd: number;
}

/** How a report is written. */
export const REPORT_FORMATS = ['text', 'markdown', 'html', 'json', 'sarif'] as const;
/** See {@link REPORT_FORMATS}. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, ReportFormat>> = {
  txt: 'text',
  md: 'markdown',
  html: 'html',
  htm: 'html',
  json: 'json',
  sarif: 'sarif',
};

/** The format that a file's name asks for. */
export function formatOf(file: string): ReportFormat | undefined {
  return EXTENSIONS[file.split('.').at(-1)?.toLowerCase() ?? ''];
}

/** `3 of 5,000 …`: the figures of a report, for people, one a line. */
export function summaryOf(report: LogReport): readonly string[] {
  const { records, distinct, lines, bytes, folded, ignored, notShown, errors, calls, dryRun } = report;
  const shown = errors.length;
  const money = `$${report.costUsd.toFixed(report.costUsd < 1 ? 4 : 2)}`;
  const tokens = `${count(report.tokens)} tokens, ${money}`;
  return [
    `${plural(records, 'error record')} in ${plural(lines, 'line')} (${(bytes / 1e6).toFixed(1)} MB): ${plural(distinct, 'distinct error')}.`,
    ...(notShown > 0
      ? [`Shown are the ${count(shown)} most frequent; ${plural(notShown, 'record')} are of others.`]
      : []),
    ...(folded > 0
      ? [
          `There were too many different errors to count each: at most ${count(folded)} rare ones are missing, and counts marked ≤ may be too high.`,
        ]
      : []),
    ...(ignored > 0 ? [`${plural(ignored, 'record')} ignored by your rules.`] : []),
    ...(dryRun
      ? [
          `Analysing them would take at most ${plural(calls, 'call')} of ${report.model}: about ${tokens}. Nothing was asked.`,
        ]
      : calls > 0
        ? [`${plural(calls, 'call')} of ${report.model}: ${tokens}.`]
        : []),
    ...report.problems.map(({ file, problem }) => `Not read to its end: ${file}: ${problem}.`),
  ];
}

/** The number of records of an error: `≤` where it may be too high. */
export function countOf({ count: records, over }: ReportedError): string {
  return `${over > 0 ? '≤ ' : ''}${count(records)}`;
}

/** A time for people, in UTC; empty where it is not known. */
function timeOf(time: Timestamp | undefined): string {
  return time === undefined
    ? ''
    : new Date(time)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, ' UTC');
}

/** When it was seen: from first to last. */
export function seenOf({ firstSeen, lastSeen }: ReportedError): string {
  const [first, last] = [timeOf(firstSeen), timeOf(lastSeen)];
  return first === last ? first : `${first} – ${last}`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function plural(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}
