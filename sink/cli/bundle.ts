import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { PatrolError } from '../../src/errors.ts';
import type { BundledSettings } from './bundled-settings.ts';

/** Where the build puts the Lambda's code, beside this file's folder. */
const CODE = new URL('../bundle/', import.meta.url);
/** The earliest time that a zip can name, in whatever time zone: equal code makes an equal zip. */
const EPOCH = new Date(1980, 0, 1);
const ENTRY = { mtime: EPOCH, mode: 0o100644, forceDosTimestamp: true };

/**
 * Writes the zip that AWS Lambda takes. The same code gives the same bytes.
 *
 * @returns What to tell the user: where it is and how it is to be set up.
 * @throws {PatrolError} `CONFIG_INVALID` when the package was not built.
 */
export async function writeBundle(out: string, settings: BundledSettings): Promise<string> {
  const files = (await readdir(CODE).catch(() => [])).filter((name) => /\.m?js$/.test(name)).sort();
  if (!files.some((name) => name.startsWith('index.'))) {
    throw new PatrolError(
      'CONFIG_INVALID',
      'The code of the Lambda is missing; in a clone, run `npm run build` first.',
    );
  }
  const zip = new ZipFile();
  for (const name of files) {
    zip.addBuffer(await readFile(new URL(name, CODE)), name, ENTRY);
  }
  for (const [name, json] of Object.entries(settings.files)) {
    zip.addBuffer(Buffer.from(json), name, ENTRY);
  }
  zip.end();
  const path = resolve(out);
  await pipeline(zip.outputStream, createWriteStream(path));
  const { size } = await stat(path);
  return [
    `${path} (${Math.ceil(size / 1024)} KiB)`,
    '  runtime       nodejs22.x or later',
    '  handler       index.handler',
    '  event source  SQS with ReportBatchItemFailures',
    '  environment   OPENAI_API_KEY, GITHUB_TOKEN, PATROL_REPLY_QUEUE_URL, … (see the README)',
    ...Object.entries(settings.environment).map(([name, value]) => `                ${name}=${value}`),
    ...settings.secrets.map((arn) => `  may read      ${arn}`),
    '',
  ].join('\n');
}
