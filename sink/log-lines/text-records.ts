import { stripVTControlCharacters } from 'node:util';
import { readLineLevel } from './text-level.ts';
import { goesOn, isFrame, isGoCall, isSureFrame, type TraceKind, traceStartOf } from './trace-lines.ts';

/** An error found among lines of plain text. */
export interface TextRecord {
  /** What a logger wrote before the trace, its timestamp and level taken off. */
  readonly heading?: string;
  /** The joined lines of the trace, its headline first. */
  readonly trace?: string;
}

/** Joins lines to records. `Origin` is whatever the caller wants to know again about a record's first line. */
export interface TextReader<Origin> {
  push(line: string, origin: Origin): void;
  /** Ends the record in hand, e.g. because nothing has come for a while. */
  close(): void;
  /** True while the next line may belong to the record in hand. */
  isOpen(): boolean;
}

/** Longest record; what is longer is cut, and its rest is still known as its rest. */
const MAX_LINES = 250;
const MAX_CHARACTERS = 65_536;
/** Lines that a message may have before its first frame. */
const MAX_MESSAGE_LINES = 20;

interface Open<Origin = unknown> {
  readonly origin: Origin;
  readonly heading?: string;
  kind: TraceKind | undefined;
  readonly lines: string[];
  characters: number;
  framed: boolean;
  /** Lines that belong to the record only if a frame follows. */
  held: string[];
}

/** `threshold` is the least rank (pino's scale) of a line without a trace. */
export function createTextReader<Origin = undefined>(
  threshold: number,
  onRecord: (record: TextRecord, origin: Origin) => void,
): TextReader<Origin> {
  let open: Open<Origin> | undefined;
  /** The line before, for a trace whose headline shows only by the frame that follows it. */
  let previous: { readonly line: string; readonly origin: Origin } | undefined;

  const close = () => {
    if (!open) return;
    const { heading, lines, origin } = open;
    open = undefined;
    const trace = lines.length > 0 ? lines.join('\n') : undefined;
    onRecord({ ...(heading !== undefined && { heading }), ...(trace !== undefined && { trace }) }, origin);
  };

  const begin = (line: string, origin: Origin): Open<Origin> | undefined => {
    if (isSureFrame(line) && previous) {
      const found: Open<Origin> = { ...empty(previous.origin, 'error'), framed: true };
      add(found, previous.line);
      add(found, line);
      return found;
    }
    const kind = traceStartOf(line);
    if (kind) {
      const found = empty(origin, kind);
      add(found, line);
      return found;
    }
    const level = readLineLevel(line);
    if (!level || level.rank < threshold) return undefined;
    return { ...empty(origin, undefined), heading: level.message };
  };

  return {
    push(raw, origin) {
      const line = stripVTControlCharacters(raw);
      if (open && continues(open, line)) return;
      close();
      open = begin(line, origin);
      const text = line.trim();
      previous = text === '' || text.length > MAX_CHARACTERS ? undefined : { line: text, origin };
    },
    close,
    isOpen: () => open !== undefined,
  };
}

function empty<Origin>(origin: Origin, kind: TraceKind | undefined): Open<Origin> {
  return { origin, kind, lines: [], characters: 0, framed: false, held: [] };
}

/** Takes the line into the record when it belongs there. */
function continues(open: Open, line: string): boolean {
  if (isFrame(line)) {
    open.framed = true;
    return take(open, line);
  }
  if (open.kind === undefined) return continuesHeading(open, line);
  if (line.trim() === '') return hold(open, line);
  if (goesOn(line) || belongs(open, open.kind, line)) return take(open, line);
  if (/^[ \t]/.test(line) && open.held.length === 0) return take(open, line);
  if (open.kind !== 'error' || open.framed || traceStartOf(line) || readLineLevel(line)) return false;
  return open.held.length < MAX_MESSAGE_LINES && hold(open, line);
}

/** Below a logger's own line: the trace that it logged, or lines that it indented. */
function continuesHeading(open: Open, line: string): boolean {
  const kind = traceStartOf(line.trimStart());
  if (kind !== undefined && open.lines.length === 0) open.kind = kind;
  return (kind !== undefined || /^[ \t]+\S/.test(line)) && take(open, line);
}

function belongs(open: Open, kind: TraceKind, line: string): boolean {
  const last = open.lines.at(-1) ?? '';
  switch (kind) {
    case 'python':
      // The error itself stands at the margin below its frames; another traceback only follows the words for it.
      return /^[ \t]/.test(last) || (/Traceback \(/.test(line) && /exception/.test(last));
    case 'go':
      return open.lines.some((one) => one.startsWith('goroutine ')) && isGoCall(line);
    case 'rust':
      return open.lines.length === 1;
    default:
      return false;
  }
}

function hold(open: Open, line: string): boolean {
  open.held.push(line);
  return true;
}

function take(open: Open, line: string): boolean {
  for (const held of open.held) add(open, held);
  open.held = [];
  add(open, line);
  return true;
}

function add(open: Open, line: string): void {
  if (open.lines.length >= MAX_LINES || open.characters + line.length > MAX_CHARACTERS) return;
  open.lines.push(line);
  open.characters += line.length;
}
