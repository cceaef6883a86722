import { type Header, readHeader } from './text.ts';

/** Words that processes and loggers put before the error; they are no class of it. */
const PREFIX =
  /^(?:\(node:\d+\) )?(?:(?:UnhandledPromiseRejectionWarning|uncaughtException|unhandledRejection|Uncaught(?: \(in promise\))?)(?::? |$))+/;
const ERROR_START = /^[A-Za-z_$][\w$.]{0,100}(?:Error|Exception)(?: \[\w{1,60}\])?(?::\s|$)/;

/** Since Node 20, a connection that fails at all addresses of a host only says how. */
const REFUSED = /^AggregateError \[(E[A-Z]{3,20})\]:?\s*$/;

/** Reads what stands above the frames: class and message, without what processes and loggers put in front. */
export function readErrorHeader(header: string): Header {
  let text = header;
  const first = text.charCodeAt(0) | 32;
  // u, (
  if (first === 117 || first === 40) {
    const prefix = PREFIX.exec(text.slice(0, 300));
    if (prefix) text = withoutRepetition(text.slice(prefix[0].length).trimStart());
  }
  // `util.inspect` opens the properties of an error without frames behind its message.
  if (text.endsWith('{')) text = text.slice(0, -1).trimEnd();
  const refused = REFUSED.exec(text);
  if (refused) return { name: 'Error', message: `connect ${refused[1]} 0.0.0.0:0` };
  const parsed = readHeader(text);
  if (parsed.name !== undefined || !text.includes('\n')) return parsed;
  // A log line, then the error on a line of its own.
  const lines = text.split('\n', 50);
  const start = lines.findIndex((line, index) => index > 0 && ERROR_START.test(line.slice(0, 300)));
  if (start < 0) return parsed;
  const offset = lines.slice(0, start).reduce((sum, line) => sum + line.length + 1, 0);
  return readHeader(text.slice(offset));
}

/** winston repeats the message before the stack: `uncaughtException: no x\nTypeError: no x`. */
function withoutRepetition(text: string): string {
  const lineEnd = text.indexOf('\n');
  if (lineEnd <= 0) return text;
  const rest = text.slice(lineEnd + 1).trimStart();
  return ERROR_START.test(rest.slice(0, 300)) && rest.includes(text.slice(0, lineEnd)) ? rest : text;
}
