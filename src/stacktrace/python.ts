import type { ParsedError, StackFrame } from '../types.ts';
import type { ParsedSections } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  makeFrame,
  newDraft,
  readHeader,
  rememberFrames,
} from './text.ts';

const FRAME = /^File "([^"\n]{1,1024})", line (\d{1,9})(?:, in (.{1,300}))?$/;
const TITLE = 'Traceback (most recent call last):';
const DEPENDENCY =
  /[\\/](?:site-packages|dist-packages)[\\/]|[\\/](?:lib|lib64|Lib)[\\/](?:python\d(?:\.\d+)?|pypy[\d.]*)[\\/]|^<frozen |^<|[\\/]Python\d+[\\/]Lib[\\/]|^\/var\/runtime\/|[\\/]\.venv[\\/]|[\\/]\.pyenv[\\/]/;

/**
 * Reads CPython's tracebacks, exception groups and `raise … from …` chains. Python prints the innermost call
 * last and the outermost error last; both are turned round.
 */
export function parsePython(lines: readonly string[]): ParsedSections {
  const drafts: ErrorDraft[] = [];
  let current: ErrorDraft | undefined;
  let header: string[] | undefined;
  /** Children of an exception group come after their parent, all other causes before. */
  let groupParent: ErrorDraft | undefined;
  const children: ErrorDraft[] = [];

  const close = (): void => {
    if (current && header) Object.assign(current, readHeader(header.join('\n').trim()));
    header = undefined;
  };
  const begin = (inGroup: boolean): void => {
    close();
    current = newDraft();
    if (inGroup && drafts.length > 0) {
      groupParent ??= drafts.at(-1);
      if (children.length < MAX_CAUSES) children.push(current);
    } else if (drafts.length < MAX_CAUSES) drafts.push(current);
    else drafts[drafts.length - 1] = current;
  };

  for (const raw of lines) {
    const grouped = GROUP_MARGIN.test(raw);
    const line = (grouped ? raw.replace(GROUP_MARGIN, '') : raw).trimEnd();
    const text = line.trimStart();
    if (text.endsWith(TITLE)) {
      begin(grouped && !text.startsWith('Exception Group'));
      continue;
    }
    const frame = readFrame(text);
    if (frame) {
      if (!current) begin(false);
      if (header === undefined || header.length === 0) current?.frames.push(frame);
      continue;
    }
    if (!current || text === '') {
      if (header && header.length > 0 && text === '') header.push('');
      continue;
    }
    if (CHAIN.test(text) || /^[-+]{4,}/.test(text)) {
      close();
      continue;
    }
    // Source lines are indented below their frame; the error itself is not.
    if (line === text || (header && header.length > 0)) {
      header ??= [];
      header.push(line);
    }
  }
  close();
  const chain = [...drafts].reverse();
  const errors: ParsedError[] = [...chain.slice(0, 1), ...children, ...chain.slice(1)].map((draft) => {
    draft.frames.reverse();
    return finish(draft);
  });
  return { errors: errors.length > 0 ? errors : [finish(newDraft())], language: 'python' };
}

/** `  + Exception Group …`, `  | Traceback …` */
const GROUP_MARGIN = /^ *[|+] ?(?=[^-+])/;
const CHAIN =
  /^(?:The above exception was the direct cause of the following exception|During handling of the above exception, another exception occurred):/;

const readFrame = rememberFrames((line: string): StackFrame | undefined => {
  if (!line.startsWith('File "') || line.length > MAX_FRAME_LENGTH) return undefined;
  const match = FRAME.exec(line);
  if (!match) return undefined;
  const file = match[1] as string;
  const inApp = !DEPENDENCY.test(file);
  return makeFrame({ function: match[3], file, line: Number(match[2]) }, inApp, 'python');
});
