import { type Call, callsIn, countValues } from './calls.ts';
import type { Collector, LineRange } from './collector.ts';
import type { Definition } from './definition.ts';
import { fill } from './fill.ts';
import { createResolver } from './resolve.ts';
import { showFrame, showFunction } from './show.ts';
import type { FileForm, Source } from './source.ts';
import type { Target } from './targets.ts';
import { isTestPath, subjectOf } from './test-files.ts';

/** How the walk weighs what it finds. The figures were set on real bugs with their fixes. */
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
  /** Constructors mostly only keep what they are given. */
  constructor: 0.5,
  /** The error's message names it. */
  inMessage: 1.8,
  /** The file that a test is about. */
  subject: 1.5,
  inherited: 0.8,
};
/** Functions that are looked at. */
const MAX_STEPS = 100;
/** The share of the budget that the function of one frame may take. */
const FRAME_SHARE = 0.6;
/** The share of the budget for what tests call, where no frame is the fault's. */
const CALLS_SHARE_OF_TESTS = 0.6;
/** Building an error is what happens after the fault. */
const ERROR_TYPE = /(?:Exception|Error)$/;

/** A place in the repository that may be worth showing. */
interface Step {
  readonly path: string;
  readonly weight: number;
  readonly reason: string;
  readonly target?: Target;
  readonly names: readonly string[];
  readonly via?: string;
  readonly values?: number;
}

/** What the walk needs to know. */
export interface WalkInput {
  readonly source: Source;
  readonly collector: Collector;
  readonly frames: readonly { readonly target: Target; readonly path: string }[];
  readonly message: string;
  /** Paths of frames that are not in the repository. */
  readonly lost: readonly string[];
  readonly characters: number;
  /** Lines on each side where no function is known. */
  readonly lines: number;
  /** Whether to go beyond the frames. */
  readonly follow: boolean;
}

/** Shows the functions of the frames, and what they call, most telling first, until the budget is used up. */
export async function walk(input: WalkInput): Promise<void> {
  const { source, collector, frames, characters } = input;
  const resolver = createResolver(source.index);
  const waiting = new Map<string, Step>();
  const done = new Set<string>();
  const words = wordsOf(input.message);
  const subjects = new Set<string>();
  /** What was shown of tests. */
  const tests: string[] = [];

  const push = (step: Step): void => {
    const key = `${step.path}#${step.target?.line ?? `${step.names.join()}/${step.values ?? ''}`}`;
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
    const subject = isTestPath(file.path) && source.index ? subjectOf(file.path, source.index) : undefined;
    if (subject !== undefined) subjects.add(subject);
    for (const call of callsIn(file, range)) {
      if (ERROR_TYPE.test(call.name)) continue;
      const near = nearness(call, line) * (words.has(call.name.toLowerCase()) ? WEIGHT.inMessage : 1);
      const step = {
        weight: from * WEIGHT.call * near * (call.isNew ? WEIGHT.constructor : 1),
        reason: `that ${name} calls`,
        ...(call.values !== undefined && { values: call.values }),
      };
      const reference = resolver.resolve(file, call);
      if (reference) {
        const helper = isTestPath(reference.path) ? WEIGHT.test : 1;
        push({ ...step, ...reference, weight: step.weight * helper });
      }
      if (subject !== undefined && reference?.path !== subject) {
        push({ ...step, path: subject, names: [call.name], weight: step.weight * WEIGHT.subject });
      }
    }
  };

  const showCalled = (file: FileForm, step: Step): void => {
    const definitions = definitionsOf(file, step);
    for (const definition of definitions) {
      if (!showFunction(collector, file, definition, step.reason, characters)) continue;
      expand(file, definition, undefined, step.weight, definition.name ?? 'it');
    }
    if (definitions.length > 0) return;
    const further = resolver.passedOn(file, [step.via, ...step.names.slice(0, 2)]);
    for (const path of further) push({ ...step, path, weight: step.weight * WEIGHT.inherited });
    if (further.length > 0) return;
    for (const parent of resolver.parents(file, file.outline?.definitions[0]?.startLine ?? 1)) {
      push({ ...step, path: parent, weight: step.weight * WEIGHT.inherited });
    }
  };

  // Where only tests are known, what they call is a guess among others.
  const least = allTests ? characters * (1 - CALLS_SHARE_OF_TESTS) : 0;
  for (let steps = 0; steps < MAX_STEPS && waiting.size > 0 && collector.left() > least; steps++) {
    const [key, step] = heaviest(waiting);
    waiting.delete(key);
    done.add(key);
    const file = await source.open(step.path);
    if (!file) continue;
    if (!step.target) {
      showCalled(file, step);
      continue;
    }
    const limits = { lines: input.lines, characters: characters * FRAME_SHARE };
    const { line, definition } = showFrame(collector, file, step.target, limits);
    const range = definition ?? { startLine: (line ?? 1) - input.lines, endLine: (line ?? 1) + input.lines };
    if (!input.follow) continue;
    if (isTestPath(file.path)) tests.push(file.lines.slice(range.startLine - 1, range.endLine).join('\n'));
    // What a test does is found in what it calls.
    const from = isTestPath(file.path) && !allTests ? step.weight / WEIGHT.test : step.weight;
    expand(file, range, line, from, definition?.name ?? 'it');
  }
  if (!input.follow) return;
  await fill(input, { tests: allTests ? tests : undefined, subjects });
}

function nearness(call: Call, line: number | undefined): number {
  if (line === undefined) return WEIGHT.before;
  if (call.line === line) return WEIGHT.onLine;
  return call.line < line ? WEIGHT.before : WEIGHT.after;
}

function heaviest(waiting: ReadonlyMap<string, Step>): readonly [string, Step] {
  let best: readonly [string, Step] | undefined;
  for (const entry of waiting) if (!best || entry[1].weight > best[1].weight) best = entry;
  return best as readonly [string, Step];
}

/** The functions that a call may mean; of overloads those that take as many values, else the first two. */
function definitionsOf(file: FileForm, step: Step): readonly Definition[] {
  const main = step.via === undefined ? undefined : mainExport(file);
  for (const name of [...step.names, ...(main === undefined ? [] : [main])]) {
    const found =
      file.outline?.definitions.filter((one) => one.kind === 'function' && one.name === name) ?? [];
    if (found.length === 0) continue;
    const fitting = found.filter((one) => parametersOf(file, one) === step.values);
    return fitting.length > 0 ? fitting.slice(0, 3) : found.slice(0, 2);
  }
  return [];
}

/** What `module.exports = Name` or `export default Name` hands out. */
function mainExport(file: FileForm): string | undefined {
  for (const line of file.outline?.code ?? []) {
    const name = MAIN_EXPORT.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

const MAIN_EXPORT =
  /^\s*(?:module\.exports|exports|export\s+default)\s*(?:=\s*)?(?:new\s+|async\s+|class\s+|function\*?\s+)*([\w$]+)/;

function parametersOf(file: FileForm, { startLine, name = '' }: Definition): number | undefined {
  const header = (file.outline?.code.slice(startLine - 1, startLine + 5) ?? []).join(' ');
  const open = header.indexOf('(', Math.max(0, header.indexOf(name)));
  return open < 0 ? undefined : countValues(header, open + 1);
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
