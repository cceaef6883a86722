import { isRecord } from './bounds.ts';
import type { ErrorLog } from './types.ts';

/** Colours, cursor movements, titles and links of terminals (ECMA-48 CSI, OSC and two-character sequences). */
const TERMINAL =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
/** C0 and C1 controls except tab and line feed. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/**
 * Characters that nobody sees but a model reads, or that turn the order of what is seen around: zero-width and
 * bidirectional controls (Trojan Source, CVE-2021-42574), tag characters and the variation selectors that can
 * carry hidden text.
 */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|[\u115f\u1160\u3164\uffa0]|\u034f/gu;
/** All of these. */
const HIDDEN = new RegExp(`${TERMINAL.source}|${CONTROL.source}|${INVISIBLE.source}`, 'gu');
/** Most texts have nothing beyond Latin letters. */
const MAYBE_HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u02ff-\uffff]/;
const LINE_BREAK = /\r\n?|[\u0085\u2028\u2029]/g;
/** How chat templates mark whose turn it is: ChatML, Llama 2 and 3, Mistral, Gemma, Phi, DeepSeek and their kin. */
const ROLE_TOKEN =
  /<[|｜]([\w ./\u2581-]{1,40})[|｜]>|\[(\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_(?:CALLS|RESULTS)))\]|<<(\/?SYS)>>|<(\/?(?:start|end)_of_(?:turn|text|image)|\/?(?:bos|eos|pad|unk)|\/?s)>/gi;
/** Anything but tab, line feed and the printable characters of most European languages. */
const UNUSUAL = /[^\t\n -~\u00a0-\u00ac\u00ae-\u024f]/;

/** The text without what a person cannot see; every line break becomes a line feed. */
export function visibleText(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text
    .toWellFormed()
    .replace(LINE_BREAK, '\n')
    .replace(TERMINAL, '')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '');
}

/** Where in a text stands what {@link visibleText} takes away, in order. */
export function hiddenParts(text: string): readonly { readonly start: number; readonly end: number }[] {
  if (!MAYBE_HIDDEN.test(text)) return [];
  const parts: { readonly start: number; readonly end: number }[] = [];
  for (const { index, 0: part } of text.matchAll(HIDDEN)) {
    if (part !== '\r') parts.push({ start: index, end: index + part.length });
  }
  return parts;
}

/** What a person can see of an error. */
export function visibleLog(errorLog: ErrorLog): ErrorLog {
  const { message, name, code, filePath, stackTrace, context } = errorLog;
  return {
    ...errorLog,
    message: visibleText(message),
    ...(name !== undefined && { name: visibleText(name) }),
    ...(code !== undefined && { code: visibleText(code) }),
    ...(filePath !== undefined && { filePath: visibleText(filePath) }),
    ...(stackTrace !== undefined && { stackTrace: visibleText(stackTrace) }),
    ...(context && { context: visibleEntries(context) }),
  };
}

/** The context is plain data within bounds by the time it comes here. */
function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  return isRecord(value) ? visibleEntries(value) : value;
}

function visibleEntries(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [visibleText(key), visibleValue(inner)]),
  );
}

/** The visible text, with the tokens of chat templates spelt so that they are only words: `<|im_end|>` → `(im_end)`. */
export function harmlessText(text: string): string {
  return visibleText(text).replace(ROLE_TOKEN, (_, ...groups: unknown[]) => {
    const name = groups.slice(0, 4).find((group) => typeof group === 'string');
    return `(${String(name)})`;
  });
}
