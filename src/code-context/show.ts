import type { Collector, LineRange } from './collector.ts';
import type { Definition } from './definition.ts';
import { enclosing, type Outline } from './outline.ts';
import type { FileForm } from './source.ts';
import type { Target } from './targets.ts';

/** A callback without a name says little alone; the function around it is shown where it is no longer than this. */
const SMALL_FUNCTION_LINES = 60;

/** The share of the budget that a function may take at which no frame points. */
const CALLED_SHARE = 0.45;

/** Lines around a place where no function is known, and the characters that one function may take. */
export interface ShowLimits {
  readonly lines: number;
  readonly characters: number;
}

/** Shows a frame: the whole function, or as much of it as there is room for. */
export function showFrame(
  collector: Collector,
  file: FileForm,
  target: Target,
  limits: ShowLimits,
): { readonly line: number | undefined; readonly definition: Definition | undefined } {
  const { line, exact } = lineOf(file, target);
  if (line === undefined) {
    const range = { startLine: 1, endLine: 2 * limits.lines + 1 };
    collector.add(file, range, { reason: `${target.reason}; the beginning of the file` });
    return { line, definition: undefined };
  }
  const isRoomFor = (range: LineRange): boolean =>
    lengthOf(file, range) <= Math.min(collector.left(), limits.characters);
  const definition =
    namedAround(file, line, target, (one) => isRoomFor(withAnnotations(file, one))) ??
    (file.outline && functionAround(file.outline, line));
  const window = { startLine: line - limits.lines, endLine: line + limits.lines };
  const name = definition?.name ?? target.function;
  const info = {
    reason: target.reason,
    ...(exact && { highlightLine: line }),
    ...(name !== undefined && { function: name }),
  };
  const ranges: LineRange[] = [];
  if (definition) {
    const whole = withAnnotations(file, definition);
    if (isRoomFor(whole)) ranges.push(whole);
    ranges.push({
      startLine: Math.max(window.startLine, whole.startLine),
      endLine: Math.min(window.endLine, whole.endLine),
    });
  } else ranges.push(window);
  ranges.push({ startLine: line - 3, endLine: line + 3 });
  ranges.some((range) => collector.add(file, range, info));
  return { line, definition };
}

/** Shows a function that no frame points at, whole or not at all; false when it does not fit. */
export function showFunction(
  collector: Collector,
  file: FileForm,
  definition: Definition,
  reason: string,
  characters: number,
): boolean {
  const range = withAnnotations(file, definition);
  if (lengthOf(file, range) > Math.min(characters * CALLED_SHARE, collector.left())) return false;
  const { name } = definition;
  return collector.add(file, range, { reason, ...(name !== undefined && { function: name }) });
}

/** Decorators and annotations above a function belong to it. */
export function withAnnotations(file: FileForm, definition: Definition): LineRange {
  let { startLine } = definition;
  while (startLine > 1 && /^\s*(?:@[\w.]|#\[)/.test(file.lines[startLine - 2] ?? '')) startLine--;
  return { startLine, endLine: definition.endLine };
}

function lengthOf(file: FileForm, range: LineRange): number {
  return file.lines.slice(range.startLine - 1, range.endLine).join('\n').length;
}

/**
 * The line of a target in the file that was found. Where the line lies in another function than the frame names,
 * the file is not in the state that ran, or was compiled: then the function's name is trusted, not the line.
 */
function lineOf(
  file: FileForm,
  target: Target,
): { readonly line: number | undefined; readonly exact: boolean } {
  const sameKind = extension(file.path) === extension(target.stackPath);
  const { line } = target;
  const inFile = sameKind && line !== undefined && line >= 1 && line <= file.lines.length;
  const name = nameIn(target);
  // Top-level code and callbacks have no name; neither do many functions, and those are not meant.
  const named =
    name === undefined
      ? []
      : (file.outline?.definitions.filter((one) => one.kind === 'function' && one.name === name) ?? []);
  if (inFile && (named.length === 0 || named.some((one) => one.startLine <= line && one.endLine >= line))) {
    return { line, exact: true };
  }
  if (!inFile && named.length !== 1) {
    // Files grow at their end: what was added last is not there yet.
    const isBehind = sameKind && line !== undefined && line > file.lines.length;
    return { line: isBehind ? lastLineOfCode(file) : undefined, exact: false };
  }
  const [nearest] = [...named].sort(
    (a, b) => Math.abs(a.startLine - (line ?? 0)) - Math.abs(b.startLine - (line ?? 0)),
  );
  return { line: nearest?.startLine, exact: false };
}

function lastLineOfCode(file: FileForm): number {
  const definitions = file.outline?.definitions ?? [];
  return definitions.findLast(({ kind }) => kind === 'function')?.startLine ?? file.lines.length;
}

/** The function around a line that the frame itself names, where there is room for it. */
function namedAround(
  { outline }: FileForm,
  line: number,
  target: Target,
  isRoomFor: (definition: Definition) => boolean,
): Definition | undefined {
  const name = nameIn(target);
  const found = outline?.definitions.findLast(
    (one) => one.kind === 'function' && one.name === name && one.startLine <= line && one.endLine >= line,
  );
  return name !== undefined && found && isRoomFor(found) ? found : undefined;
}

/** The function's own name: `total` of `Cart.total`. */
function nameIn(target: Target): string | undefined {
  return target.function?.split(/[.#:\\]/).at(-1);
}

function functionAround(outline: Outline, line: number): Definition | undefined {
  let definition = enclosing(outline, line);
  while (definition && definition.name === undefined) {
    const parent: Definition | undefined = outline.definitions[definition.parent];
    if (parent?.kind !== 'function' || parent.endLine - parent.startLine >= SMALL_FUNCTION_LINES) break;
    definition = parent;
  }
  return definition;
}

function extension(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}
