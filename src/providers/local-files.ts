import { open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { messageOf, PatrolError } from '../errors.ts';
import { splitStackPath } from '../path-mapping.ts';
import { isReadablePath } from '../repository-path.ts';
import type {
  Milliseconds,
  ProviderCallOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceFile,
} from '../types.ts';

/** Options of {@link LocalFilesCodeProvider}. */
export interface LocalFilesOptions {
  /** The folder whose files may be read; nothing outside it is, links included. */
  readonly root: string;
  /** Larger files are not read, in bytes. @defaultValue 1 048 576 */
  readonly maxFileSize?: number;
}

const DEFAULT_MAX_FILE_SIZE = 1_048_576;
const LISTING_TTL: Milliseconds = 60_000;
const MAX_LISTED = 20_000;
const MAX_DEPTH = 12;
const SKIPPED_FOLDER = /^(?:node_modules|bower_components|coverage|vendor|__pycache__|venv|target|\..*)$/;
/** Ends of a path that are tried, longest first. */
const MAX_TRIES = 32;

/**
 * Reads the application's own files: the embedded default. It reads the working tree, whatever commit an event
 * names, for that is what runs.
 */
export class LocalFilesCodeProvider implements RepositoryCodeProvider {
  readonly name: string = 'local files';
  readonly #root: string;
  readonly #maxFileSize: number;
  #realRoot: Promise<string> | undefined;
  #listing: { readonly paths: Promise<readonly string[]>; readonly until: number } | undefined;

  constructor(options: LocalFilesOptions) {
    this.#root = resolve(options.root);
    this.#maxFileSize = options.maxFileSize ?? DEFAULT_MAX_FILE_SIZE;
  }

  /** Whoever chose the root allowed it. */
  assertAllowed(_repository: RepositoryRef): void {}

  async locate(_repository: RepositoryRef, stackPath: string): Promise<string | undefined> {
    const root = await this.#resolveRoot();
    for (const base of new Set([this.#root, root])) {
      if (!isAbsolute(stackPath)) break;
      const inside = toRepositoryPath(relative(base, stackPath));
      if (inside !== undefined) return (await this.#resolve(inside)) === undefined ? undefined : inside;
    }
    const parts = splitStackPath(stackPath);
    for (let from = Math.max(0, parts.length - MAX_TRIES); from < parts.length; from++) {
      const candidate = parts.slice(from).join('/');
      // A lone file name of a longer path says too little.
      if (from > 0 && from === parts.length - 1 && parts.length > 3) return undefined;
      if ((await this.#resolve(candidate)) !== undefined) return candidate;
    }
    return undefined;
  }

  async readFile(_repository: RepositoryRef, path: string): Promise<SourceFile | undefined> {
    const file = await this.#resolve(path);
    if (file === undefined) return undefined;
    const handle = await open(file, 'r').catch((error: unknown) => {
      throw unreadable(error);
    });
    try {
      const { size } = await handle.stat();
      if (size > this.#maxFileSize) return undefined;
      // Read by the size that was checked: a file that grows meanwhile is cut, not swallowed.
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await handle.read(bytes, 0, size, 0);
      return isText(bytes)
        ? { path, text: bytes.toString('utf8', 0, bytesRead), state: 'working-tree' }
        : undefined;
    } catch (error) {
      throw unreadable(error);
    } finally {
      await handle.close();
    }
  }

  /** Walks the folders once a minute at most; folders of dependencies, builds and tools are left out. */
  async listFiles(_repository: RepositoryRef, options: ProviderCallOptions = {}): Promise<readonly string[]> {
    const root = await this.#resolveRoot();
    if (this.#listing && Date.now() < this.#listing.until) return this.#listing.paths;
    const paths = listFolder(root, options.signal);
    this.#listing = { paths, until: Date.now() + LISTING_TTL };
    paths.catch(() => {
      this.#listing = undefined;
    });
    return paths;
  }

  /** The real place of a file that may be read; undefined for one that is not there or must not be. */
  async #resolve(path: string): Promise<string | undefined> {
    if (!isReadablePath(path) || path.split('/').includes('node_modules')) return undefined;
    const root = await this.#resolveRoot();
    let real: string;
    try {
      real = await realpath(resolve(root, path));
    } catch {
      return undefined;
    }
    // A link may lead to another place inside, but neither out nor to a file with secrets.
    const inside = toRepositoryPath(relative(root, real));
    if (inside === undefined || !isReadablePath(inside) || inside.split('/').includes('node_modules'))
      return undefined;
    // Opening a pipe would wait for its writer, so the kind is asked first.
    const found = await stat(real).catch(() => undefined);
    return found?.isFile() ? real : undefined;
  }

  #resolveRoot(): Promise<string> {
    this.#realRoot ??= realpath(this.#root).catch((cause: unknown) => {
      this.#realRoot = undefined;
      throw new PatrolError(
        'SOURCE_UNAVAILABLE',
        `The source root ${this.#root} cannot be read; set PATROL_SOURCE_ROOT (option sourceRoot).`,
        { cause },
      );
    });
    return this.#realRoot;
  }
}

/** Paths below a folder, nearest first, bounded in number and depth; links are not followed. */
async function listFolder(root: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const paths: string[] = [];
  let level = [''];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (signal?.aborted || paths.length >= MAX_LISTED) return paths;
      const entries = await readdir(resolve(root, folder), { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isFile() && isReadablePath(path)) paths.push(path);
        else if (entry.isDirectory() && !SKIPPED_FOLDER.test(entry.name)) next.push(path);
      }
    }
    level = next;
  }
  return paths.slice(0, MAX_LISTED);
}

function toRepositoryPath(path: string): string | undefined {
  if (path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return undefined;
  return path.split(sep).join('/');
}

/** No text holds a zero byte near its beginning; git tells them apart in the same way. */
function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 8000).includes(0);
}

function unreadable(cause: unknown): PatrolError {
  return new PatrolError('SOURCE_UNAVAILABLE', `A source file could not be read: ${messageOf(cause)}`, {
    cause,
  });
}
