import type { ParsedError, StackFrame } from '../types.ts';
import type { ParsedSections, WantsMore } from './sections.ts';
import {
  type ErrorDraft,
  finish,
  MAX_CAUSES,
  MAX_FRAME_LENGTH,
  MAX_FRAMES,
  makeFrame,
  newDraft,
  readHeader,
  rememberFrames,
} from './text.ts';

const FRAME = /^File "([^"\n]{1,1024})", line (\d{1,9})(?:, in (.{1,300}))?$/;
const TITLE = 'Traceback (most recent call last):';
const DEPENDENCY =
  /[\\/](?:site-packages|dist-packages)[\\/]|[\\/](?:lib|lib64|Lib)[\\/](?:python\d(?:\.\d+)?|pypy[\d.]*)[\\/]|^<frozen |^<|[\\/]Python\d+[\\/]Lib[\\/]|^\/var\/runtime\/|[\\/]\.venv[\\/]|[\\/]\.pyenv[\\/]/;

/** One traceback as it is being read. */
interface Section {
  /** In Python's order: the innermost call last. */
  readonly frameLines: string[];
  readonly header: string[];
  /** A child of an exception group. */
  readonly isChild: boolean;
}

/**
 * Reads CPython's tracebacks, exception groups and `raise … from …` chains. Python prints the innermost call
 * last and the outermost error last; both are turned round.
 */
export function parsePython(lines: readonly string[], wantsMore?: WantsMore): ParsedSections {
  const sections: Section[] = [];
  let current: Section | undefined;
  const begin = (isChild: boolean): Section => {
    const section = { frameLines: [], header: [], isChild };
    if (sections.length < MAX_CAUSES) sections.push(section);
    else sections[sections.length - 1] = section;
    return section;
  };
  const hasGroups = lines.some((line) => line.includes(GROUP_TITLE));

  for (const raw of lines) {
    if (hasGroups && CHILD.test(raw)) {
      current = begin(true);
      continue;
    }
    const line = (hasGroups ? raw.replace(GROUP_MARGIN, '') : raw).trimEnd();
    const text = line.trimStart();
    if (text.endsWith(TITLE)) {
      // A child of a group has a title too, when it was raised.
      const isOpenChild = current?.isChild && current.frameLines.length === 0 && current.header.length === 0;
      if (!isOpenChild) current = begin(false);
    } else if (text.startsWith('File "') && !current?.header.length) {
      current ??= begin(false);
      current.frameLines.push(text);
    } else if (current === undefined || CHAIN.test(text) || CHILDREN_END.test(text)) {
      if (current?.header.length) current = undefined;
      // Source lines are indented below their frame; the error itself is not.
    } else if ((text !== '' && line === text) || current.header.length > 0) {
      current.header.push(line);
    }
  }
  const children = sections.filter((section) => section.isChild);
  const chain = sections.filter((section) => !section.isChild).reverse();
  const ordered = [...chain.slice(0, 1), ...children, ...chain.slice(1)];
  return { errors: ordered.map((section) => readSection(section, wantsMore)), language: 'python' };
}

function readSection(section: Section, wantsMore: WantsMore | undefined): ParsedError {
  const draft: ErrorDraft = Object.assign(newDraft(), readHeader(section.header.join('\n').trim()));
  for (let index = section.frameLines.length - 1; index >= 0 && draft.frames.length < MAX_FRAMES; index--) {
    const frame = readFrame(section.frameLines[index] as string);
    if (!frame || (wantsMore && !frame.inApp)) continue;
    draft.frames.push(frame);
    // Of a text that was cut before its end nobody knows yet what it says.
    if (wantsMore && section.header.length > 0 && !wantsMore(draft)) break;
  }
  return finish(draft);
}

const GROUP_TITLE = 'Exception Group Traceback';
/** `  + Exception Group …`, `  | Traceback …` */
const GROUP_MARGIN = /^ *[|+] ?(?=[^-+])/;
/** `  +-+---------------- 1 ----------------` */
const CHILD = /^[\s|]*\+[-+]{4,80} (?:\d{1,6}|\.\.\.) -{4,80}$/;
const CHILDREN_END = /^\+-{4,}$/;
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
