import type { CodeBlock } from './code-context/collector.ts';
import { createCollector } from './code-context/collector.ts';
import { type FileForm, openSource, type Source } from './code-context/source.ts';
import { findSuspects } from './code-context/suspects.ts';
import { locationOf, selectTargets, type Target } from './code-context/targets.ts';
import { isTestPath } from './code-context/test-files.ts';
import { walk } from './code-context/walk.ts';
import { messageOf, PatrolError } from './errors.ts';
import type { PathMappings } from './path-prefixes.ts';
import type {
  ErrorLocation,
  ErrorLog,
  Milliseconds,
  ParsedStackTrace,
  ProviderCallOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SuspectCommit,
} from './types.ts';

export type { CodeBlock } from './code-context/collector.ts';

/** The code that a judge of the error should see. */
export interface CodeContext {
  /** Most useful first. */
  readonly blocks: readonly CodeBlock[];
  /** Sentences on what is missing and why, and on which state was read. */
  readonly notes: readonly string[];
  /** The latest commits that touched the file where the error was raised, newest first. */
  readonly commits?: readonly SuspectCommit[];
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
  /**
   * Whether to follow calls beyond the frames and to look up recent commits: what a model needs, and more than
   * a person who is only shown the place. @defaultValue true
   */
  readonly follow?: boolean;
  /** The user's own prefixes, tried first. */
  readonly pathMappings?: PathMappings;
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
/** Files that are read: with the paths, the commits and two of their changes twelve requests to the code host. */
const MAX_FILES = 8;
/** Frames of the repository that are looked at, for each place that the settings allow. */
const FRAMES_PER_LOCATION = 3;

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
  input: CodeContextInput & { provider: RepositoryCodeProvider; signal: AbortSignal },
  targets: readonly Target[],
  location: ErrorLocation | undefined,
): Promise<CodeContext> {
  const { errorLog, provider, repository, limits, signal, timeoutMs, follow = true } = input;
  const options = { signal, ...(timeoutMs !== undefined && { timeoutMs }) };
  const collector = createCollector(limits.characters);
  const frames: { target: Target; path: string }[] = [];
  const missing: string[] = [];
  const notes: string[] = [];
  let raised = location;
  let source: Source | undefined;
  try {
    const { pathMappings = {} } = input;
    source = await openSource(
      provider,
      repository,
      { maxFiles: MAX_FILES, list: follow, pathMappings },
      options,
    );
    for (const target of targets) {
      if (frames.length >= limits.locations * (follow ? FRAMES_PER_LOCATION : 1)) break;
      const path = await source.locate(target);
      if (path !== undefined) frames.push({ target, path });
      else if (target.inApp) missing.push(target.stackPath);
      if (path !== undefined && raised === location && isSamePlace(target, location)) {
        raised = { ...location, file: path };
      }
    }
    await walk({
      source,
      collector,
      frames,
      message: errorLog.message,
      lost: missing,
      characters: limits.characters,
      lines: limits.lines,
      follow,
    });
  } catch (error) {
    notes.push(`Source code is missing: ${explain(error, signal)}`);
  }
  for (const path of [...new Set(missing)].slice(0, MAX_MISSING_NOTES)) {
    notes.push(`${path} was not read: it is not in the repository, or several files there could be meant.`);
  }
  notes.push(...stateNotes(source?.opened() ?? [], repository));
  const suspect = frames.find(({ path }) => !isTestPath(path))?.path;
  const commits =
    follow && suspect !== undefined
      ? await findSuspects(provider, repository, suspect, collector.blocks(), options)
      : [];
  return {
    blocks: collector.blocks(),
    notes,
    ...(commits.length > 0 && { commits }),
    ...(raised && { location: raised }),
  };
}

function isSamePlace(target: Target, location: ErrorLocation | undefined): location is ErrorLocation {
  return location !== undefined && target.stackPath === location.file && target.line === location.line;
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
