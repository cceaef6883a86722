import { stripVTControlCharacters } from 'node:util';
import { isRecord, truncate } from './bounds.ts';
import { visibleText } from './plain-text.ts';
import { traceContextOf } from './trace-context.ts';
import type { AnalysisResult, DropReason, ErrorLogEvent, Evidence, SuspectCommit } from './types.ts';

/**
 * An analysis as it stands in the application's log: `msg` is one line for people, `patrol` holds the fields.
 * The reply queue and the event stream carry the same record, so that a transport only has to write it.
 */
export interface AnalysisRecord {
  readonly msg: string;
  /** The correlation fields of the record that was analysed, e.g. `reqId`, `traceId`. */
  readonly correlation?: Readonly<Record<string, string | number>>;
  readonly patrol: AnalysisFields;
}

/** See {@link AnalysisRecord}. */
export interface AnalysisFields {
  readonly event: 'analysis';
  readonly eventId: string;
  readonly service?: string;
  /** The message of the analysed error, redacted. */
  readonly message: string;
  readonly errorHash: string;
  readonly fingerprintVersion: number;
  readonly rootCause: string;
  readonly suggestedFix: string;
  readonly analysis: string;
  readonly confidenceScore: number;
  readonly confidenceReasons: readonly string[];
  readonly category: string;
  readonly source: AnalysisResult['source'];
  readonly ruleId?: string;
  readonly location?: string;
  readonly evidence: readonly Evidence[];
  readonly patch?: string;
  readonly patchApplies?: boolean;
  readonly nextSteps: readonly string[];
  /** The latest commits to the failing code, newest first; their dates as ISO 8601. */
  readonly suspectCommits?: readonly (Omit<SuspectCommit, 'date'> & { readonly date: string })[];
  readonly cached: boolean;
  readonly occurrences: number;
  readonly model?: string;
  readonly costUsd?: number;
  readonly similarTo?: string;
  /** True when a model wrote it: text to be checked, not to be obeyed. */
  readonly aiGenerated: boolean;
}

/** The record that reports losses: `patrol: {event: 'dropped', dropped: {reason: count}}`. */
export interface DropRecord {
  readonly msg: string;
  readonly patrol: {
    readonly event: 'dropped';
    readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  };
}

/** Fields by which people find the log lines of one request; taken from the analysed record's context. */
const CORRELATION_FIELDS = [
  'reqId',
  'requestId',
  'request_id',
  'correlationId',
  'traceId',
  'trace_id',
  'spanId',
  'span_id',
] as const;

/** A trace id has 32 characters, a request id of a load balancer some 100. */
const MAX_CORRELATION = 256;

/** Makes the record of one analysed event. */
export function toAnalysisRecord(event: ErrorLogEvent, result: AnalysisResult): AnalysisRecord {
  const { location, usage } = result;
  const correlation = correlationOf(event.errorLog.context);
  return {
    msg: summarise(result),
    ...(correlation && { correlation }),
    patrol: {
      event: 'analysis',
      eventId: visibleText(event.eventId),
      ...(event.service !== undefined && { service: visibleText(event.service) }),
      message: truncate(visibleText(event.errorLog.message.slice(0, 2048)), 1024),
      errorHash: result.errorHash,
      fingerprintVersion: result.fingerprintVersion,
      rootCause: result.rootCause,
      suggestedFix: result.suggestedFix,
      analysis: result.analysis,
      confidenceScore: result.confidenceScore,
      confidenceReasons: result.confidenceReasons,
      category: result.category,
      source: result.source,
      ...(result.ruleId !== undefined && { ruleId: result.ruleId }),
      ...(location && {
        location: `${location.file}${location.line === undefined ? '' : `:${location.line}`}${location.function ? ` (${location.function})` : ''}`,
      }),
      evidence: result.evidence,
      ...(result.patch !== undefined && { patch: result.patch }),
      ...(result.patchApplies !== undefined && { patchApplies: result.patchApplies }),
      nextSteps: result.nextSteps,
      ...(result.suspectCommits && {
        suspectCommits: result.suspectCommits.map((commit) => ({
          ...commit,
          date: new Date(commit.date).toISOString(),
        })),
      }),
      cached: result.cached,
      occurrences: result.occurrences,
      ...(result.model !== undefined && { model: result.model }),
      ...(usage?.costUsd !== undefined && { costUsd: usage.costUsd }),
      ...(result.similarTo !== undefined && { similarTo: result.similarTo }),
      aiGenerated: result.source === 'llm',
    },
  };
}

/** Makes the record that reports dropped events. */
export function toDropRecord(dropped: DropRecord['patrol']['dropped']): DropRecord {
  const counts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return { msg: `Patrol dropped ${counts.join(', ')}`, patrol: { event: 'dropped', dropped } };
}

/** Where loggers put an error; Patrol's records hold none. */
const ERROR_FIELDS = ['err', 'error', 'stack', 'exception', 'cause'] as const;

/**
 * True for a record that Patrol itself wrote, in this process or in another one, so that nobody captures it again.
 *
 * A mark alone would hide an error that somebody else's `patrol` field was logged with: the record must be whole,
 * say that it is Patrol's, and hold no error.
 */
export function isPatrolRecord(record: unknown): boolean {
  if (!isRecord(record) || !isRecord(record.patrol)) return false;
  const { patrol, msg, message = msg } = record;
  if (ERROR_FIELDS.some((field) => record[field] !== undefined)) return false;
  const texts = message === undefined ? Object.values(record) : [message];
  if (!texts.some((text) => typeof text === 'string' && isOwnText(text))) return false;
  if (patrol.event === 'dropped') return isRecord(patrol.dropped);
  return (
    patrol.event === 'analysis' &&
    typeof patrol.eventId === 'string' &&
    typeof patrol.errorHash === 'string' &&
    typeof patrol.rootCause === 'string' &&
    typeof patrol.confidenceScore === 'number' &&
    typeof patrol.occurrences === 'number'
  );
}

/** What a format may put before the message: the time, the level, and labels in brackets, but no words. */
const BEFORE_OWN =
  /(?:[^A-Za-z[(<{]|\[[^\]\n]{0,64}\]|\([^)\n]{0,64}\)|<[^>\n]{0,64}>|\{[^}\n]{0,64}\}|(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|alert|emerg|[TZ]|[AP]M|UTC|GMT|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?![A-Za-z])){0,256}/iy;
/** How {@link summarise} and {@link toDropRecord} begin. */
const OWN = /patrol(?![a-z])/iy;

/** True for a message that Patrol wrote: somebody's `payment failed` in front of it was not. */
function isOwnText(text: string): boolean {
  const plain = stripVTControlCharacters(text.slice(0, 1024));
  BEFORE_OWN.lastIndex = 0;
  BEFORE_OWN.test(plain);
  OWN.lastIndex = BEFORE_OWN.lastIndex;
  return OWN.test(plain);
}

/** Reads a record that came over a queue or a stream; undefined when it is none. */
export function parseAnalysisRecord(value: unknown): AnalysisRecord | undefined {
  if (!isRecord(value) || !isRecord(value.patrol) || typeof value.msg !== 'string') return undefined;
  const { msg, patrol, correlation } = value;
  // As it will be logged: what would not be known as Patrol's own again would be analysed, and that again.
  const logged = { ...(isRecord(correlation) && correlation), msg, patrol };
  if (patrol.event !== 'analysis' || !isPatrolRecord(logged)) return undefined;
  return value as unknown as AnalysisRecord;
}

function summarise(result: AnalysisResult): string {
  const where = result.location ? ` at ${result.location.file}:${result.location.line ?? '?'}` : '';
  const sure = `${result.confidenceScore} % sure${result.source === 'llm' ? ', AI-generated' : ''}`;
  const who = result.source === 'none' ? 'Patrol' : `Patrol (${sure})`;
  const what =
    result.rootCause === ''
      ? result.analysis.split('\n', 1)[0]
      : `${result.rootCause}${result.suggestedFix && ` Fix: ${result.suggestedFix}`}`;
  const text = `${who}${where}: ${what}`;
  return truncate(text.replace(/[\s\u0085\u2028\u2029]+/g, ' ').trim(), 600);
}

function correlationOf(
  context: Readonly<Record<string, unknown>> | undefined,
): AnalysisRecord['correlation'] {
  if (!context) return undefined;
  const found: Record<string, string | number> = {};
  for (const field of CORRELATION_FIELDS) {
    const value = context[field];
    if (typeof value === 'string') found[field] = visibleText(value.slice(0, MAX_CORRELATION));
    if (typeof value === 'number') found[field] = value;
  }
  // Some frameworks log the header alone; people search for what their tracing shows.
  if (context.traceparent !== undefined) Object.assign(found, { ...traceContextOf(context), ...found });
  return Object.keys(found).length > 0 ? found : undefined;
}
