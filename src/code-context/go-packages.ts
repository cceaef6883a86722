import type { PathIndex } from '../path-mapping.ts';
import { folderOf } from './imports.ts';
import type { FileForm } from './source.ts';

const MAX_IMPORT_LINES = 200;

/** Tells in which file of a Go package a function may be: the files of one folder share their names without a word. */
export interface PackageIndex {
  /**
   * The likeliest file; undefined where nothing tells, and for other languages.
   *
   * @param receiver - What stands before the dot, if anything: a package that the file imports.
   */
  fileOf(file: FileForm, receiver: string | undefined, name: string): string | undefined;
}

export function createPackageIndex(index: PathIndex): PackageIndex {
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  const imports = new Map<string, ReadonlyMap<string, string>>();

  return {
    fileOf(file, receiver, name) {
      if (!file.path.endsWith('.go')) return undefined;
      known ??= foldersOf(index);
      const imported = imports.get(file.path) ?? packagesOf(file, known);
      imports.set(file.path, imported);
      const folder = receiver === undefined ? folderOf(file.path) : imported.get(receiver);
      const files = folder === undefined ? [] : (known.get(folder) ?? []);
      const others = files.filter((path) => path !== file.path);
      return likeliest(others, name, receiver);
    },
  };
}

function foldersOf(index: PathIndex): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>();
  for (const path of index.paths()) {
    if (!path.endsWith('.go') || path.endsWith('_test.go')) continue;
    const folder = folderOf(path);
    const files = folders.get(folder);
    if (files) files.push(path);
    else folders.set(folder, [path]);
  }
  return folders;
}

/** The packages of this repository that a file imports: the name that they have there → their folder. */
function packagesOf(
  file: FileForm,
  folders: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of file.lines.slice(0, MAX_IMPORT_LINES)) {
    const [, alias, path] = /^\s*(?:import\s+)?(?:(\w{1,60})\s+)?"([\w./-]{1,200})"/.exec(line) ?? [];
    const parts = path?.split('/') ?? [];
    // What stands before the folder is where the module lives.
    const folder = parts.map((_, from) => parts.slice(from).join('/')).find((one) => folders.has(one));
    const name = alias ?? parts.at(-1);
    if (folder !== undefined && name !== undefined) found.set(name, folder);
  }
  return found;
}

/** `LoadConfig` is in `config.go` or `load_config.go`; what no name tells is in the package's own file, or the only one. */
function likeliest(
  files: readonly string[],
  name: string,
  packageName: string | undefined,
): string | undefined {
  const wanted = name.toLowerCase();
  const stems = files.map((path) => ({
    path,
    stem: path
      .slice(path.lastIndexOf('/') + 1, -3)
      .replaceAll('_', '')
      .toLowerCase(),
  }));
  const alike = stems
    .filter(
      ({ stem }) =>
        stem.length > 2 && (wanted.includes(stem) || (wanted.length > 3 && stem.includes(wanted))),
    )
    .sort((a, b) => b.stem.length - a.stem.length);
  if (alike[0]) return alike[0].path;
  const own = stems.find(({ stem }) => stem === packageName?.toLowerCase());
  return own?.path ?? (files.length === 1 ? files[0] : undefined);
}
