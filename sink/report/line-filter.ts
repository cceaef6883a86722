import { rankOf, thresholdOf } from '../log-lines/levels.ts';
import type { RecordReader } from '../log-lines/record-reader.ts';

/** Longest line that is looked into; that of the line splitter, and for the same reason. */
const MAX_LINE_BYTES = 1_048_576;
/** How far into a line of text a level or the start of a trace is looked for. */
const REACH = 512;
const [BRACE, CLOSING_BRACE, CR] = [0x7b, 0x7d, 13];

/**
 * Every level of a JSON record, wherever in it: an escaped quote inside a text does not look like one. A record in
 * which none reaches the threshold is no error.
 */
const JSON_LEVEL =
  /"(?:level|severity|lvl|log\.level|levelname|loglevel)"\s*:\s*(?:"((?:[^"\\]|\\.){0,64})"|(-?\d{1,9}))/g;
/** A line of text that can begin an error: a level, the first line of a trace, a frame. See text-level.ts, trace-lines.ts. */
const MAY_BEGIN =
  /^\s{0,64}\{|err|exception|fatal|panic|crit|severe|emerg|alert|traceback|\.rb:\d|^[EF]\d{4} |^[ \t]{1,16}(?:at |from )|\u001b/i;

/** Where a line stands. */
export interface LineOrigin {
  /** 1-based. */
  readonly line: number;
  /** The beginning of the line, where a time may stand. */
  readonly head: string;
}

/** Hands the lines that can be errors to a reader of records. */
export interface LineFilter {
  push(chunk: Buffer): void;
  end(): void;
  readonly lines: number;
}

/**
 * Cuts bytes into lines and passes over those that cannot be (part of) an error, without decoding or parsing them; what
 * the reader finds is what it would find in all lines.
 *
 * @param level - Least level that is an error.
 */
export function createLineFilter(level: string, reader: RecordReader<LineOrigin>): LineFilter {
  const threshold = thresholdOf(level);
  const filtersText = threshold >= 50;
  let lines = 0;
  /** What the last chunk ended with. */
  let rest: Buffer[] = [];
  let restBytes = 0;
  /** The line of text before, which a frame may turn out to belong to. */
  let skipped: { readonly head: string; readonly line: number } | undefined;

  const isQuiet = (json: string): boolean => {
    for (const [, name, number] of json.matchAll(JSON_LEVEL)) {
      const rank = number === undefined ? rankOf(name) : Number(number);
      // A name with escapes, e.g. of colours, is for the reader to judge.
      if (rank === undefined ? name?.includes('\\') : rank >= threshold) return false;
    }
    return true;
  };

  const onLine = (bytes: Buffer, start: number, end: number): void => {
    lines++;
    if (isObject(bytes, start, end)) {
      if (isQuiet(bytes.toString('latin1', start, end))) {
        reader.close();
        return;
      }
    } else if (filtersText && !reader.isOpen()) {
      const head = bytes.toString('latin1', start, Math.min(end, start + REACH));
      if (!MAY_BEGIN.test(head)) {
        skipped = { head, line: lines };
        return;
      }
    }
    if (skipped) {
      const text = Buffer.from(skipped.head, 'latin1').toString();
      reader.push(text, originOf(text, skipped.line));
      skipped = undefined;
    }
    const text = bytes.toString('utf8', start, bytes[end - 1] === CR ? end - 1 : end);
    reader.push(text, originOf(text, lines));
  };

  const finish = (): void => {
    if (restBytes > MAX_LINE_BYTES) {
      lines++;
      reader.close();
    } else {
      const whole = Buffer.concat(rest);
      onLine(whole, 0, whole.length);
    }
    rest = [];
    restBytes = 0;
  };
  const keep = (part: Buffer): void => {
    restBytes += part.length;
    if (restBytes > MAX_LINE_BYTES) rest = [];
    // A copy: the part would hold its whole chunk.
    else if (part.length > 0) rest.push(Buffer.from(part));
  };

  return {
    get lines() {
      return lines;
    },
    push(chunk) {
      let start = 0;
      let end = chunk.indexOf(10);
      if (end >= 0 && restBytes > 0) {
        keep(chunk.subarray(0, end));
        finish();
        start = end + 1;
        end = chunk.indexOf(10, start);
      }
      for (; end >= 0; end = chunk.indexOf(10, start)) {
        if (end - start > MAX_LINE_BYTES) {
          lines++;
          reader.close();
        } else {
          onLine(chunk, start, end);
        }
        start = end + 1;
      }
      keep(chunk.subarray(start));
    },
    end() {
      if (restBytes > 0) finish();
      reader.close();
    },
  };
}

/** A torn object is text. */
function isObject(bytes: Buffer, start: number, end: number): boolean {
  const last = bytes[end - 1] === CR ? bytes[end - 2] : bytes[end - 1];
  return bytes[start] === BRACE && last === CLOSING_BRACE;
}

function originOf(text: string, line: number): LineOrigin {
  return { line, head: text.slice(0, 64) };
}
