import type { CodeBlock } from './code-context/collector.ts';
import { locationOf, selectTargets } from './code-context/targets.ts';
import { whyUnread } from './code-context/why-unread.ts';
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
    // Loaded with the first code that is read, which most new errors of a function without a repository never need.
    const { readCode } = await import('./code-context/read-code.ts');
    return await readCode({ ...input, provider, signal, timeoutMs }, targets, location);
  } catch (error) {
    return without(`No source code was read: ${whyUnread(error, signal)}`);
  }
}
