import type { PathIndex } from '../path-mapping.ts';
import type { Call } from './calls.ts';
import { folderOf, type Import, importsOf } from './imports.ts';
import { type Definition, enclosing } from './outline.ts';
import type { FileForm } from './source.ts';

/** Where a call may lead. */
export interface Reference {
  readonly path: string;
  /** The names that the function may have there; the first that is defined counts. */
  readonly names: readonly string[];
}

/** What a constructor is called, by language; the class's own name comes first. */
const CONSTRUCTORS = ['constructor', '__init__', 'initialize', '__construct', 'new'];
const SELF = new Set(['this', 'self', 'super', 'cls', 'parent', 'static', 'Self', 'exports', '$this']);

/** Tells which function a call means, as far as names, imports and declared types tell. */
export interface Resolver {
  resolve(file: FileForm, call: Call): Reference | undefined;
  /** The files of the types that the type around a line extends. */
  parents(file: FileForm, line: number): readonly string[];
}

export function createResolver(index: PathIndex | undefined): Resolver {
  const imports = new Map<string, ReadonlyMap<string, Import>>();
  const importsFor = (file: FileForm): ReadonlyMap<string, Import> => {
    const known = imports.get(file.path) ?? (index ? importsOf(file, index) : new Map<string, Import>());
    imports.set(file.path, known);
    return known;
  };

  /** The file that defines a type: this one, an imported one, a neighbour, or the only one of that name. */
  const fileOfType = (type: string, file: FileForm): string | undefined => {
    if (defines(file, type, 'type')) return file.path;
    const imported = importsFor(file).get(type);
    if (imported) return imported.path;
    if (!index || !/^[A-Z]/.test(type)) return undefined;
    const extension = file.path.slice(file.path.lastIndexOf('.'));
    for (const name of new Set([type + extension, snakeCase(type) + extension])) {
      const neighbour = `${folderOf(file.path)}/${name}`.replace(/^\//, '');
      if (index.has(neighbour)) return neighbour;
      const [only, ...others] = index.named(name);
      if (only !== undefined && others.length === 0) return only;
    }
    return undefined;
  };

  const resolve = (file: FileForm, call: Call): Reference | undefined => {
    const { name, receiver, isNew } = call;
    if (isNew) {
      const path = fileOfType(name, file);
      return path === undefined ? undefined : { path, names: [name, ...CONSTRUCTORS] };
    }
    if (receiver === undefined || SELF.has(receiver)) {
      if (defines(file, name)) return { path: file.path, names: [name] };
      const imported = importsFor(file).get(name);
      if (imported)
        return { path: imported.path, names: [imported.name ?? name, name, 'exports', 'default'] };
      const type = /^[A-Z]/.test(name) ? fileOfType(name, file) : undefined;
      return type === undefined ? undefined : { path: type, names: [name, ...CONSTRUCTORS] };
    }
    const imported = importsFor(file).get(receiver);
    if (imported) return { path: imported.path, names: [name] };
    const type = /^[A-Z]/.test(receiver) ? receiver : typeOf(receiver, file, call.line);
    const path = type === undefined ? undefined : fileOfType(type, file);
    if (path !== undefined) return { path, names: name === 'new' ? CONSTRUCTORS : [name] };
    return defines(file, name) ? { path: file.path, names: [name] } : undefined;
  };

  const parents = (file: FileForm, line: number): readonly string[] => {
    const type = file.outline && enclosing(file.outline, line, 'type');
    if (!type) return [];
    const header =
      file.lines
        .slice(type.startLine - 1, type.startLine + 2)
        .join(' ')
        .split('{')[0] ?? '';
    const named = /(?:\bextends\s+|\bimplements\s+|<\s*|\(\s*|:\s*)([A-Z][\w.]*)/g;
    return [...header.matchAll(named)].flatMap(([, name = '']) => {
      const path = fileOfType(name.split('.').at(-1) ?? name, file);
      return path === undefined || path === file.path ? [] : [path];
    });
  };

  return { resolve, parents };
}

function defines(file: FileForm, name: string, kind: Definition['kind'] = 'function'): boolean {
  return file.outline?.definitions.some((one) => one.kind === kind && one.name === name) ?? false;
}

/** The declared type of a variable, looked for upwards from its use. */
function typeOf(variable: string, file: FileForm, line: number): string | undefined {
  const code = file.outline?.code ?? [];
  const name = variable.replaceAll('$', '\\$');
  const declared = new RegExp(
    `\\b([A-Z]\\w*)(?:<[^=;()]{0,80}>)?(?:\\[\\])?\\s+${name}\\b|\\b${name}\\s*:\\s*&?(?:mut\\s+)?\\*?([A-Z]\\w*)|\\b${name}\\s+\\*?([A-Z]\\w*)\\b|\\b${name}\\s*:?=\\s*(?:await\\s+)?(?:new\\s+|&|New)?([A-Z]\\w*)\\s*[({.:]`,
  );
  for (let at = Math.min(line, code.length); at >= 1 && at > line - 400; at--) {
    const match = declared.exec((code[at - 1] ?? '').slice(0, 1000));
    const type = match?.slice(1).find((group) => group !== undefined);
    if (type !== undefined) return type;
  }
  return undefined;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}
