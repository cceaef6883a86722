import { callsIn } from './calls.ts';
import type { Collector, LineRange } from './collector.ts';
import { type Definition, enclosing, type Outline } from './outline.ts';
import { createResolver } from './resolve.ts';
import type { FileForm, Source } from './source.ts';
import type { Target } from './targets.ts';
import { isTestPath, subjectOf } from './test-files.ts';

/** How the walk weighs what it finds; the figures were set on the bugs of the evaluation. */
const WEIGHT = {
  /** The first frame; each next one counts this part of the one before. */
  frame: 10,
  nextFrame: 0.88,
  /** A test says what was done; what it calls matters more than itself. */
  test: 0.3,
  /** A function that another one calls, as a part of the caller's weight. */
  call: 0.45,
  /** On the line that failed, before it, after it. */
  onLine: 1,
  before: 0.6,
  after: 0.3,
  /** The error's message names it. */
  inMessage: 1.8,
};
/** Functions that are looked at. */
const MAX_STEPS = 80;
/** A callback without a name says little alone; the function around it is shown where it is no longer than this. */
const SMALL_FUNCTION_LINES = 60;
/** The share of the budget that one function may take, by whether a frame points at it. */
const FRAME_SHARE = 0.6;
const CALLED_SHARE = 0.3;

/** A place in the repository that may be worth showing. */
interface Step {
  readonly path: string;
  readonly weight: number;
  readonly reason: string;
  readonly target?: Target;
  readonly names: readonly string[];
}

/** What the walk needs to know. */
export interface WalkInput {
  readonly source: Source;
  readonly collector: Collector;
  readonly frames: readonly { readonly target: Target; readonly path: string }[];
  readonly message: string;
  readonly characters: number;
  /** Lines on each side where no function is known. */
  readonly lines: number;
}

/** Shows the functions of the frames, and what they call, most telling first, until the budget is used up. */
export async function walk(input: WalkInput): Promise<void> {
  const { source, collector, frames } = input;
  const resolver = createResolver(source.index);
  const waiting = new Map<string, Step>();
  const done = new Set<string>();
  const words = wordsOf(input.message);

  const push = (step: Step): void => {
    const key = `${step.path}#${step.target?.line ?? step.names.join()}`;
    const known = waiting.get(key);
    if (!done.has(key)) waiting.set(key, known && known.weight > step.weight ? known : step);
  };
  const allTests = frames.every(({ path }) => isTestPath(path));
  let weight = WEIGHT.frame;
  for (const { target, path } of frames) {
    const test = isTestPath(path) && !allTests;
    push({ path, target, names: [], weight: test ? weight * WEIGHT.test : weight, reason: target.reason });
    if (!test) weight *= WEIGHT.nextFrame;
  }

  const expand = (
    file: FileForm,
    range: LineRange,
    line: number | undefined,
    from: number,
    name: string,
  ): void => {
    for (const call of callsIn(file, range)) {
      const reference = resolver.resolve(file, call);
      if (!reference) continue;
      const place =
        line === undefined
          ? WEIGHT.before
          : call.line === line
            ? WEIGHT.onLine
            : call.line < line
              ? WEIGHT.before
              : WEIGHT.after;
      const named = words.has(call.name.toLowerCase()) ? WEIGHT.inMessage : 1;
      push({ ...reference, weight: from * WEIGHT.call * place * named, reason: `that ${name} calls` });
    }
  };

  for (let steps = 0; steps < MAX_STEPS && waiting.size > 0; steps++) {
    const [key, step] = heaviest(waiting);
    waiting.delete(key);
    done.add(key);
    const file = await source.open(step.path);
    if (!file) continue;
    if (step.target) {
      const line = lineOf(file, step.target);
      const definition = line !== undefined && file.outline ? functionAround(file.outline, line) : undefined;
      showFrame(input, file, step.target, line, definition);
      const range = definition ?? {
        startLine: (line ?? 1) - input.lines,
        endLine: (line ?? 1) + input.lines,
      };
      expand(
        file,
        range,
        line,
        isTestPath(file.path) ? step.weight * 2 : step.weight,
        definition?.name ?? 'it',
      );
      const subject = isTestPath(file.path) && source.index ? subjectOf(file.path, source.index) : undefined;
      if (subject !== undefined) {
        for (const call of callsIn(file, range)) {
          push({
            path: subject,
            names: [call.name],
            weight: step.weight * WEIGHT.call * (call.line === line ? 1.5 : 0.9),
            reason: 'that the test calls',
          });
        }
      }
      continue;
    }
    const definitions = definitionsOf(file, step.names);
    for (const definition of definitions.slice(0, 6)) {
      const range = withAnnotations(file, definition);
      const length = lengthOf(file, range);
      if (length > input.characters * CALLED_SHARE || length > collector.left()) continue;
      const name = definition.name;
      collector.add(file, range, { reason: step.reason, ...(name !== undefined && { function: name }) });
      expand(file, definition, undefined, step.weight, name ?? 'it');
    }
    if (definitions.length === 0) {
      for (const parent of resolver.parents(file, file.outline?.definitions[0]?.startLine ?? 1)) {
        push({ ...step, path: parent, weight: step.weight * 0.8 });
      }
    }
  }
}

function heaviest(waiting: ReadonlyMap<string, Step>): readonly [string, Step] {
  let best: readonly [string, Step] | undefined;
  for (const entry of waiting) if (!best || entry[1].weight > best[1].weight) best = entry;
  return best as readonly [string, Step];
}

function definitionsOf(file: FileForm, names: readonly string[]): readonly Definition[] {
  for (const name of names) {
    const found =
      file.outline?.definitions.filter((one) => one.kind === 'function' && one.name === name) ?? [];
    if (found.length > 0) return found;
  }
  return [];
}

function showFrame(
  { collector, characters, lines }: WalkInput,
  file: FileForm,
  target: Target,
  line: number | undefined,
  definition: Definition | undefined,
): void {
  if (line === undefined) {
    const range = { startLine: 1, endLine: 2 * lines + 1 };
    collector.add(file, range, { reason: `${target.reason}; the beginning of the file` });
    return;
  }
  const window = { startLine: line - lines, endLine: line + lines };
  const name = definition?.name ?? target.function;
  const info = { reason: target.reason, highlightLine: line, ...(name !== undefined && { function: name }) };
  if (definition) {
    const whole = withAnnotations(file, definition);
    const most = Math.min(collector.left(), characters * FRAME_SHARE);
    if (lengthOf(file, whole) <= most && collector.add(file, whole, info)) return;
    const inside = {
      startLine: Math.max(window.startLine, whole.startLine),
      endLine: Math.min(window.endLine, whole.endLine),
    };
    if (collector.add(file, inside, info)) return;
  }
  if (collector.add(file, window, info)) return;
  collector.add(file, { startLine: line - 3, endLine: line + 3 }, info);
}

function lengthOf(file: FileForm, range: LineRange): number {
  return file.lines.slice(range.startLine - 1, range.endLine).join('\n').length;
}

/** The line of a target in the file that was found. Of a compiled file only the function's name can be trusted. */
function lineOf(file: FileForm, target: Target): number | undefined {
  const sameKind = extension(file.path) === extension(target.stackPath);
  if (sameKind && target.line !== undefined && target.line >= 1 && target.line <= file.lines.length)
    return target.line;
  const name = target.function?.split(/[.#:]/).at(-1);
  const named = file.outline?.definitions.filter((one) => one.kind === 'function' && one.name === name) ?? [];
  return named.length === 1 ? named[0]?.startLine : undefined;
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

/** Decorators and annotations above a function belong to it. */
function withAnnotations(file: FileForm, definition: Definition): LineRange {
  let { startLine } = definition;
  while (startLine > 1 && /^\s*(?:@[\w.]|#\[)/.test(file.lines[startLine - 2] ?? '')) startLine--;
  return { startLine, endLine: definition.endLine };
}

/** The words of a message that could be names in the code. */
function wordsOf(message: string): ReadonlySet<string> {
  return new Set(
    message
      .slice(0, 2000)
      .toLowerCase()
      .match(/[a-z_$][\w$]{3,60}/g) ?? [],
  );
}

function extension(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}
