import { unlessAborted } from '../abort.ts';
import { createPathIndex, matchPath, type PathIndex, splitStackPath } from '../path-mapping.ts';
import { applyPathMappings, type PathMappings } from '../path-prefixes.ts';
import { parseRepositoryUrl } from '../repository-url.ts';
import type { ProviderCallOptions, RepositoryCodeProvider, RepositoryRef } from '../types.ts';
import { type ReadFile, toReadFile } from './collector.ts';
import { type Outline, outlineOf } from './outline.ts';
import type { Target } from './targets.ts';

/** A file, its lines and its form. */
export interface FileForm extends ReadFile {
  readonly path: string;
  readonly outline: Outline | undefined;
}

/** The repository of one error, as far as it was read. */
export interface Source {
  /** The repository's paths, where the provider lists them. */
  readonly index: PathIndex | undefined;
  /** The file that a frame names, or undefined when it is none of the repository's or could be several. */
  locate(target: Target): Promise<string | undefined>;
  /** Undefined for a file that is not there, may not be read, or is beyond the number of files. */
  open(path: string): Promise<FileForm | undefined>;
  /** Files that hold a word; none where the provider cannot search. */
  search(word: string): Promise<readonly string[]>;
  /** The files that were read, in that order. */
  opened(): readonly FileForm[];
}

/** Folders of dependencies, with the part of the path that follows the package's own folder. */
const PACKAGE_FOLDER =
  /(?:^|\/)(?:node_modules|bower_components|gems|site-packages|dist-packages|pkg\/mod)\/(?:.*\/(?:node_modules|gems)\/)?(.+)$/;
/** A frame that its stack's reader takes for a dependency's must agree in folder and file. */
const LEAST_FOREIGN = 2;

/**
 * @param limits - `maxFiles`: files that are read at most, for each is a request to the code host; `list`:
 *   whether to list the repository's paths; `pathMappings`: what the user knows of them.
 */
export async function openSource(
  provider: RepositoryCodeProvider,
  repository: RepositoryRef,
  limits: { readonly maxFiles: number; readonly list: boolean; readonly pathMappings?: PathMappings },
  options: ProviderCallOptions & { readonly signal: AbortSignal },
): Promise<Source> {
  const { maxFiles, list, pathMappings = {} } = limits;
  const ask = <T>(work: Promise<T>): Promise<T> => unlessAborted(work, options.signal);
  const paths = list && provider.listFiles && (await ask(provider.listFiles(repository, options)));
  const index = paths ? createPathIndex(paths) : undefined;
  const files = new Map<string, Promise<FileForm | undefined>>();
  const opened: FileForm[] = [];
  const name =
    repository.repositoryUrl === undefined ? undefined : parseRepositoryUrl(repository.repositoryUrl)?.repo;

  const read = async (path: string): Promise<FileForm | undefined> => {
    const source = await ask(provider.readFile(repository, path, options));
    if (!source) return undefined;
    const file = toReadFile(source);
    const form = { ...file, path: source.path, outline: outlineOf(source.path, file.lines.join('\n')) };
    opened.push(form);
    return form;
  };

  return {
    index,
    opened: () => opened,
    search: async (word) =>
      provider.searchFiles ? ask(provider.searchFiles(repository, word, options)).catch(() => []) : [],
    open: (path) => {
      const known = files.get(path);
      if (known) return known;
      if (files.size >= maxFiles) return Promise.resolve(undefined);
      const asked = read(path);
      files.set(path, asked);
      return asked;
    },
    locate: async (target) => {
      const mapped = applyPathMappings(target.stackPath, pathMappings);
      if (mapped !== undefined && index?.has(mapped)) return mapped;
      // Whoever maps a path says that it is the application's own.
      const { stackPath, inApp } = mapped === undefined ? target : { stackPath: mapped, inApp: true };
      const inPackage = PACKAGE_FOLDER.exec(stackPath.replaceAll('\\', '/'))?.[1];
      if (inPackage !== undefined) {
        return index && (ownPackage(inPackage, name, index) ?? installedFolder(stackPath, index));
      }
      if (!index) return inApp ? ask(provider.locate(repository, stackPath, options)) : undefined;
      const path = matchPath(stackPath, index, inApp ? 1 : LEAST_FOREIGN);
      return path ?? (inApp ? ask(provider.locate(repository, stackPath, options)) : undefined);
    },
  };
}

/** A library's own repository: installed as a dependency, its files keep their paths below the package's folder. */
function ownPackage(inPackage: string, repo: string | undefined, index: PathIndex): string | undefined {
  const parts = splitStackPath(inPackage);
  for (let from = 0; from < Math.min(4, parts.length - 1); from++) {
    const folder = parts
      .slice(0, from + 1)
      .at(-1)
      ?.replace(/(?:@v|-)\d.*$/, '');
    const isPackage =
      folder !== undefined && folder.toLowerCase() === repo?.toLowerCase().replace(/\.js$/, '');
    const path = parts.slice(from + 1).join('/');
    if (isPackage && index.has(path)) return path;
    // Python installs the package's folder itself: `site-packages/flask/app.py` is `src/flask/app.py`.
    if (isPackage) {
      const whole = parts.slice(from).join('/');
      for (const candidate of [whole, `src/${whole}`, `lib/${whole}`])
        if (index.has(candidate)) return candidate;
    }
  }
  return undefined;
}

/** A repository whose packages have other names than itself: Python installs their folders as they are. */
function installedFolder(stackPath: string, index: PathIndex): string | undefined {
  const whole = /[\\/](?:site|dist)-packages[\\/](.+[\\/].+)$/.exec(stackPath)?.[1]?.replaceAll('\\', '/');
  return [`src/${whole}`, whole].find((path) => path !== undefined && index.has(path));
}
