import { collectParts, type PartReason, type PartSink } from './fingerprint.ts';
import { FINGERPRINT_VERSION, type FingerprintOptions, hashErrorLog, PART_REASONS } from './hashing.ts';
import type { MaskNote, MaskRule } from './masking/output.ts';
import { parseStackTrace } from './stacktrace.ts';
import type { ErrorLog, FingerprintPart, ParsedError, StackFrame } from './types.ts';

const MASK_REASONS: Readonly<Record<MaskRule, string>> = {
  redacted: 'stood for a secret already',
  number: 'a word with a digit',
  url: 'an address',
  path: 'a path',
  email: 'an e-mail address',
  host: 'a host',
  id: 'reads like an id',
  quoted: 'a quoted value',
  value: 'the value of a key',
  secret: 'a secret',
  structure: 'a dumped value, of which the keys count',
  date: 'part of a date',
  unit: 'belongs to the number in front',
  user: "a user's name",
  minified: 'what a minifier calls a variable',
};

/** Frames that are listed at most. */
const MAX_FRAMES = 40;
const MAX_TEXT = 80;

/** One part of a fingerprint with what was masked in it. */
interface ExplainedPart extends FingerprintPart {
  readonly notes: readonly MaskNote[];
}

/**
 * Says in plain text what went into the hash of an error and why: each part, what was masked in it by which rule,
 * and which frames did not count.
 *
 * The text quotes the error: redact it first where it may hold secrets, which leaves the hash as it is.
 */
export function explainErrorLog(errorLog: ErrorLog, options?: FingerprintOptions): string {
  const parts = explainParts(errorLog, options);
  const lines = [
    `fingerprint ${hashErrorLog(errorLog, options).errorHash} (version ${FINGERPRINT_VERSION})`,
    '',
  ];
  if (parts.length === 0) lines.push('nothing is known of this error but that it is one');
  for (const part of parts) {
    lines.push(`${part.kind.padEnd(9)} ${oneLine(part.value)}`, `          ${part.reason}`);
    for (const note of part.notes) {
      lines.push(`          <*> ${oneLine(cut(note.text))}: ${MASK_REASONS[note.rule]}`);
    }
  }
  lines.push(...explainFrames(errorLog, parts));
  return `${lines.join('\n')}\n`;
}

/** Says in plain text whether two errors have the same hash, and if not, which parts differ. */
export function explainDifference(
  first: ErrorLog,
  second: ErrorLog,
  firstOptions?: FingerprintOptions,
  secondOptions: FingerprintOptions | undefined = firstOptions,
): string {
  const one = hashErrorLog(first, firstOptions).errorHash;
  const other = hashErrorLog(second, secondOptions).errorHash;
  const lines = [`first  ${one}`, `second ${other}`, ''];
  if (one === other) return `${[...lines, 'the same error: every part agrees'].join('\n')}\n`;
  const firstParts = explainParts(first, firstOptions);
  const secondParts = explainParts(second, secondOptions);
  lines.push('two errors:');
  for (const kind of ['custom', 'class', 'message', 'code', 'cause', 'frame', 'location'] as const) {
    const [a, b] = [valuesOf(firstParts, kind), valuesOf(secondParts, kind)];
    if (a.join('\n') === b.join('\n')) {
      if (a.length > 0) lines.push(`  ${kind.padEnd(9)} both    ${a.map(oneLine).join(' · ')}`);
      continue;
    }
    lines.push(`  ${kind.padEnd(9)} first   ${a.map(oneLine).join(' · ') || '(none)'}`);
    lines.push(`  ${''.padEnd(9)} second  ${b.map(oneLine).join(' · ') || '(none)'}`);
  }
  return `${lines.join('\n')}\n`;
}

const valuesOf = (parts: readonly ExplainedPart[], kind: FingerprintPart['kind']): string[] =>
  parts.filter((part) => part.kind === kind).map((part) => part.value);

class ExplainingSink implements PartSink {
  readonly parts: ExplainedPart[] = [];
  readonly notes: MaskNote[] = [];

  add(kind: FingerprintPart['kind'], value: string, why: PartReason): void {
    this.parts.push({ kind, value, reason: PART_REASONS[why], notes: this.notes.splice(0) });
  }
}

function explainParts(errorLog: ErrorLog, options: FingerprintOptions | undefined): readonly ExplainedPart[] {
  const given = options?.fingerprint;
  if (given !== undefined && given.length > 0) {
    return given.map((value) => ({ kind: 'custom', value, reason: PART_REASONS.given, notes: [] }));
  }
  const sink = new ExplainingSink();
  collectParts(errorLog, sink);
  return sink.parts;
}

function explainFrames(errorLog: ErrorLog, parts: readonly ExplainedPart[]): string[] {
  const stack = errorLog.stackTrace ?? errorLog.message;
  const parsed = parseStackTrace(stack);
  const errors: ParsedError[] = [parsed, ...parsed.causes];
  const frames = errors.flatMap((error) => error.frames);
  if (frames.length === 0) return [];
  const counted = new Set(valuesOf(parts, 'frame'));
  const lines = ['', `frames (${parsed.language}):`];
  for (const frame of frames.slice(0, MAX_FRAMES))
    lines.push(`  ${verdictOn(frame, counted)}  ${describe(frame)}`);
  if (frames.length > MAX_FRAMES) lines.push(`  and ${frames.length - MAX_FRAMES} more`);
  return lines;
}

/** The same width for all, so that the frames stand below each other. */
function verdictOn(frame: StackFrame, counted: ReadonlySet<string>): string {
  if (!frame.inApp) return 'not the application’s'.padEnd(21);
  const name = frame.function ?? '';
  const base = frame.file?.split(/[\\/]/).at(-1) ?? '';
  const counts = [...counted].some((part) =>
    name === '' ? part.endsWith(base) : part.startsWith(`${name} `),
  );
  return (counts ? 'counts' : 'a caller').padEnd(21);
}

function describe(frame: StackFrame): string {
  const place = [frame.file, frame.line].filter((part) => part !== undefined).join(':');
  return [frame.function, place].filter((part) => part !== undefined && part !== '').join(' ');
}

const oneLine = (text: string): string => text.replaceAll('\n', ' ⏎ ');
const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
