import { unlessAborted } from './abort.ts';
import {
  type CodeBlock,
  createCollector,
  type LineRange,
  type ReadFile,
  toReadFile,
} from './code-context/collector.ts';
import { type Definition, enclosing, type Outline, outlineOf } from './code-context/outline.ts';
import { locationOf, selectTargets, type Target } from './code-context/targets.ts';
import { messageOf, PatrolError } from './errors.ts';
import type {
  ErrorLocation,
  ErrorLog,
  Milliseconds,
  ParsedStackTrace,
  ProviderCallOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceFile,
} from './types.ts';

export type { CodeBlock } from './code-context/collector.ts';

/** The code that a judge of the error should see. */
export interface CodeContext {
  /** Most useful first. */
  readonly blocks: readonly CodeBlock[];
  /** Sentences on what is missing and why, and on which state was read. */
  readonly notes: readonly string[];
  /** Where the error was raised, with the path in the repository where it is known. */
  readonly location?: ErrorLocation;
}

/** What {@link gatherCodeContext} takes. */
export interface CodeContextInput extends ProviderCallOptions {
  /** Redacted. */
  readonly errorLog: ErrorLog;
  readonly stack: ParsedStackTrace;
  readonly repository: RepositoryRef;
  readonly provider?: RepositoryCodeProvider;
  readonly limits: {
    /** Lines on each side of a place where the enclosing function is not known. */
    readonly lines: number;
    /** Places whose code is read. */
    readonly locations: number;
    /** Characters in all. */
    readonly characters: number;
  };
}

/** The share of the whole time that reading code may take, and its most: the model needs the rest. */
const TIME_SHARE = 0.4;
const MAX_TIME: Milliseconds = 20_000;
/** Places that could not be read and are named in the notes. */
const MAX_MISSING_NOTES = 3;
/** A callback without a name says little alone; the function around it is shown where it is no longer than this. */
const SMALL_FUNCTION_LINES = 60;
/** The share of the budget that one function may take. */
const FUNCTION_SHARE = 0.5;

/**
 * Reads the code that the error names: the whole functions around the frames of the application, within a
 * budget. Never rejects: what could not be read becomes a note, and the analysis goes on without it.
 */
export async function gatherCodeContext(input: CodeContextInput): Promise<CodeContext> {
  const { errorLog, stack, provider, repository, limits } = input;
  const location = locationOf(errorLog, stack);
  const targets = selectTargets(errorLog, stack);
  const without = (note: string): CodeContext => ({
    blocks: [],
    notes: [note],
    ...(location && { location }),
  });

  if (limits.characters === 0 || limits.locations === 0)
    return without('No source code was read: the limits are set to 0.');
  if (!provider) return without('No source code was read: no code provider is configured.');
  if (targets.length === 0) {
    return without(
      'No source code was read: neither the stack nor the event names a file of the application.',
    );
  }
  // AbortSignal.timeout takes whole milliseconds only.
  const timeoutMs = Math.floor(
    Math.min(MAX_TIME, (input.timeoutMs ?? Number.POSITIVE_INFINITY) * TIME_SHARE),
  );
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = input.signal ? AbortSignal.any([input.signal, timeout]) : timeout;
  try {
    provider.assertAllowed(repository);
    return await read({ ...input, provider, signal, timeoutMs }, targets, location);
  } catch (error) {
    return without(`No source code was read: ${explain(error, signal)}`);
  }
}

async function read(
  {
    provider,
    repository,
    limits,
    signal,
    timeoutMs,
  }: CodeContextInput & { provider: RepositoryCodeProvider; signal: AbortSignal },
  targets: readonly Target[],
  location: ErrorLocation | undefined,
): Promise<CodeContext> {
  const options: ProviderCallOptions = {
    signal,
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  const collector = createCollector(limits.characters);
  const files = new Map<string, Promise<FileForm | undefined>>();
  const missing: string[] = [];
  const notes: string[] = [];
  let found: ErrorLocation | undefined;
  let failure: unknown;
  let places = 0;
  const opened: FileForm[] = [];

  for (const target of targets) {
    if (places >= limits.locations || failure !== undefined) break;
    try {
      const path = await unlessAborted(provider.locate(repository, target.stackPath, options), signal);
      const form =
        path === undefined
          ? undefined
          : await unlessAborted(
              open(files, path, () => provider.readFile(repository, path, options)),
              signal,
            );
      if (path === undefined || !form) {
        missing.push(target.stackPath);
        continue;
      }
      places++;
      opened.push(form);
      if (
        location &&
        found === undefined &&
        target.stackPath.endsWith(location.file) &&
        target.line === location.line
      ) {
        found = { ...location, file: path };
      }
      show(collector, form, target, limits);
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) notes.push(`Source code is missing: ${explain(failure, signal)}`);
  for (const path of new Set(missing.slice(0, MAX_MISSING_NOTES))) {
    notes.push(`${path} was not read: it is not in the repository, or several files there could be meant.`);
  }
  notes.push(...stateNotes(opened, repository));
  const blocks = collector.blocks();
  const raised = found ?? location;
  return { blocks, notes, ...(raised && { location: raised }) };
}

/** A file, its lines and its form. */
interface FileForm extends ReadFile {
  readonly outline: Outline | undefined;
}

function open(
  files: Map<string, Promise<FileForm | undefined>>,
  path: string,
  readFile: () => Promise<SourceFile | undefined>,
): Promise<FileForm | undefined> {
  const known = files.get(path);
  if (known) return known;
  const opened = readFile().then((source) => {
    if (!source) return undefined;
    const file = toReadFile(source);
    return { ...file, outline: outlineOf(source.path, file.lines.join('\n')) };
  });
  files.set(path, opened);
  return opened;
}

function show(
  collector: ReturnType<typeof createCollector>,
  file: FileForm,
  target: Target,
  limits: CodeContextInput['limits'],
): void {
  const line = lineOf(file, target);
  if (line === undefined) {
    const range = { startLine: 1, endLine: 2 * limits.lines + 1 };
    collector.add(file, range, { reason: `${target.reason}; the beginning of the file` });
    return;
  }
  const definition = file.outline && functionAround(file.outline, line);
  const window = { startLine: line - limits.lines, endLine: line + limits.lines };
  const name = definition?.name ?? target.function;
  const info = { reason: target.reason, highlightLine: line, ...(name !== undefined && { function: name }) };
  if (definition) {
    const whole = withAnnotations(file, definition);
    const most = Math.min(collector.left(), limits.characters * FUNCTION_SHARE);
    const length = file.lines.slice(whole.startLine - 1, whole.endLine).join('\n').length;
    if (length <= most && collector.add(file, whole, info)) return;
    const inside = {
      startLine: Math.max(window.startLine, whole.startLine),
      endLine: Math.min(window.endLine, whole.endLine),
    };
    if (collector.add(file, inside, info)) return;
  }
  if (collector.add(file, window, info)) return;
  collector.add(file, { startLine: line - 3, endLine: line + 3 }, info);
}

/** The line of a target in the file that was found. Of a compiled file only the function's name can be trusted. */
function lineOf(file: FileForm, target: Target): number | undefined {
  const { path } = file.source;
  const sameKind = extension(path) === extension(target.stackPath);
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

/** Which state was read, where it is not plainly the deployed one. */
function stateNotes(files: readonly FileForm[], repository: RepositoryRef): string[] {
  const source = files[0]?.source;
  if (source?.state !== 'default-branch') return [];
  const head = `the head of the default branch${source.commit === undefined ? '' : ` (${source.commit.slice(0, 12)})`}`;
  return [
    repository.commit === undefined
      ? `The event names no commit; ${head} was read, which may differ from what is deployed.`
      : `The event's commit is not in the repository; ${head} was read instead.`,
  ];
}

function explain(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'reading it took too long.';
  if (error instanceof PatrolError) return error.message;
  return `reading it failed (${messageOf(error)}).`;
}

function extension(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}
