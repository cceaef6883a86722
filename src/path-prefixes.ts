/** Prefix of a path on the machine that failed → prefix in the repository, `''` for its root. */
export type PathMappings = Readonly<Record<string, string>>;

/** Prefixes that are looked at; each one costs a comparison for each frame. */
export const MAX_PATH_MAPPINGS = 100;
const MAX_PREFIX = 1024;

/**
 * The path in the repository that the longest fitting prefix makes of a path from a stack; undefined where none
 * fits. A prefix ends where a folder ends: `/srv/app` fits `/srv/app/a.js`, not `/srv/apple.js`.
 */
export function applyPathMappings(stackPath: string, mappings: PathMappings): string | undefined {
  const path = plain(stackPath);
  let best: { readonly length: number; readonly path: string } | undefined;
  for (const [from, to] of Object.entries(mappings)) {
    const prefix = plain(from).replace(/\/$/, '');
    if (!path.startsWith(`${prefix}/`) || (best && best.length >= prefix.length)) continue;
    const rest = path.slice(prefix.length + 1).replace(/[?#].{0,2048}$/, '');
    best = { length: prefix.length, path: to === '' ? rest : `${to.replace(/\/$/, '')}/${rest}` };
  }
  return best?.path;
}

/** Whether these are prefixes that can be used: from any text, to a folder inside the repository. */
export function arePathMappings(mappings: PathMappings): boolean {
  const entries = Object.entries(mappings);
  return (
    entries.length <= MAX_PATH_MAPPINGS &&
    entries.every(([from, to]) => from.trim() !== '' && from.length <= MAX_PREFIX && isFolder(to))
  );
}

function isFolder(path: string): boolean {
  if (path === '') return true;
  if (path.length > MAX_PREFIX || /^[A-Za-z]:|[\u0000-\u001f\\]/.test(path)) return false;
  return path
    .replace(/\/$/, '')
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

function plain(path: string): string {
  return path
    .slice(0, 4096)
    .replaceAll('\\', '/')
    .replace(/^file:\/\/(?=\/)/, '')
    .replace(/^\/(?=[A-Za-z]:\/)/, '');
}
