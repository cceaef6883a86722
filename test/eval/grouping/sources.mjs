import { readdirSync } from 'node:fs';

const src = new URL('../../../src/', import.meta.url);
const FILES = [
  'explain.ts',
  'fingerprint-frames.ts',
  'fingerprint.ts',
  'hashing.ts',
  'masking.ts',
  'similar.ts',
  'source-maps.ts',
  'stable-path.ts',
  'stacktrace.ts',
];
const FOLDERS = ['masking/', 'similar/', 'source-maps/', 'stacktrace/'];

/** The files of the code that a hostile text meets on its way to a hash. */
export function fingerprintSources() {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, src)).map((file) => folder + file),
  );
  return [...FILES, ...inFolders].map((file) => new URL(file, src));
}
