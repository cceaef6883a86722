import { rankOf } from './levels.ts';

/** How far into a line a level is looked for: behind a timestamp, a process id, a logger's name. */
const REACH = 160;
/** ISO 8601, clock times, syslog (`Jan  2 03:04:05`), Apache (`02/Jan/2026`), each perhaps in brackets. */
const TIMESTAMP =
  /^[[(<]?(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[:/]\d\d[:/]\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:|\d{1,2}\/[A-Z][a-z]{2}\/)/;
/** klog and glog: `E0102 03:04:05.678901    1 main.go:12] message`. */
const GLOG = /^([EF])\d{4} \d\d:\d\d:\d\d\.\d+ +\S+ +\S+\] /;
/** logfmt: `time=… level=error msg="…"`. */
const LOGFMT = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]+)"?(?=\s|$)/;

/** A level that a line of plain text says it has. */
export interface LineLevel {
  /** On pino's scale. */
  readonly rank: number;
  /** What the line says besides. */
  readonly message: string;
}

/** Finds the level in a line without colours, e.g. `[error] …`, `ERROR: …`, `2026-01-02 03:04:05 ERROR …`, `level=error msg=…`. */
export function readLineLevel(line: string): LineLevel | undefined {
  const head = line.slice(0, REACH);
  const glog = GLOG.exec(head);
  if (glog) return { rank: glog[1] === 'F' ? 60 : 50, message: line.slice(glog[0].length) };
  const logfmt = LOGFMT.exec(head);
  const rank = rankOf(logfmt?.[1]);
  if (rank !== undefined) return { rank, message: logfmtMessage(line) ?? line };
  return readWord(line, head, TIMESTAMP.test(head));
}

/** A level as a word of its own: the first one, or, behind a timestamp, the first that stands out. */
function readWord(line: string, head: string, anywhere: boolean): LineLevel | undefined {
  for (const { 0: word, index } of head.matchAll(/[A-Za-z]+/g)) {
    const rank = rankOf(word);
    const before = head[index - 1] ?? '';
    const after = head[index + word.length] ?? '';
    const bracketed = /^[[(<]$/.test(before) && /^[\])>]$/.test(after);
    const alone = /^[\s[(<|-]?$/.test(before) && /^[\s\])>|:-]?$/.test(after);
    const standsOut = bracketed || after === ':' || word === word.toUpperCase();
    if (rank !== undefined && alone && standsOut) {
      return { rank, message: line.slice(index + word.length).replace(/^[\s\])>|:-]{1,8}/, '') };
    }
    if (!anywhere) return undefined;
  }
  return undefined;
}

function logfmtMessage(line: string): string | undefined {
  const values = ['msg', 'message', 'err', 'error'].map((key) =>
    new RegExp(`(?:^|\\s)${key}=(?:"((?:[^"\\\\]|\\\\.){0,4000})"|(\\S{1,4000}))`).exec(line),
  );
  const found = values.flatMap((match) => match?.[1] ?? match?.[2] ?? []);
  return found.length > 0 ? found.join(': ') : undefined;
}
