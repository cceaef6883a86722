import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLogEvent } from '../../src/types.ts';

/** First and last line, 1-based and inclusive. */
export type Lines = readonly [first: number, last: number];

/** A file that the real fix changed, as it was before. */
export interface FixedFile {
  readonly path: string;
  /** The lines that were changed. */
  readonly ranges: readonly Lines[];
  /** The functions around them. */
  readonly functions: readonly { readonly range: Lines; readonly name?: string | undefined }[];
}

/** Where the fix lies: in a function of the stack, in another one, or no frame is the application's. */
export const CASE_KINDS = ['fix-in-stack', 'fix-not-in-stack', 'noInApp'] as const;

/** One error whose fix is known. */
export interface ContextCase {
  readonly id: string;
  readonly language: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The commit before the fix. */
  readonly commit: string;
  readonly kind: (typeof CASE_KINDS)[number];
  readonly event: ErrorLogEvent;
  readonly fixed: readonly FixedFile[];
}

const line = z.number().int().min(1);
const range = z.tuple([line, line]);
const caseForm = z.object({
  id: z.string().min(1),
  language: z.string().min(1),
  repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  kind: z.enum(CASE_KINDS),
  event: z.unknown(),
  fixed: z
    .array(
      z.object({
        path: z.string().min(1),
        ranges: z.array(range),
        functions: z.array(z.object({ range, name: z.string().nullish() })).default([]),
      }),
    )
    .min(1),
});

/**
 * Reads the cases of a folder: `*.jsonl`, one case a line.
 *
 * @throws {PatrolError} `EVENT_INVALID` naming file and line of a case that is none.
 */
export async function readCases(folder: string): Promise<readonly ContextCase[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new PatrolError('EVENT_INVALID', `Expected a folder of cases: ${messageOf(cause)}`, { cause });
  });
  const cases: ContextCase[] = [];
  for (const name of names.filter((one) => one.endsWith('.jsonl')).sort()) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    for (const [index, text] of lines.entries()) {
      if (text.trim() !== '') cases.push(toCase(text, `${name}:${index + 1}`));
    }
  }
  if (cases.length === 0) throw new PatrolError('EVENT_INVALID', `There is no case (*.jsonl) in ${folder}.`);
  return cases;
}

function toCase(text: string, where: string): ContextCase {
  try {
    const { fixed, event, ...form } = caseForm.parse(JSON.parse(text));
    return {
      ...form,
      event: parseErrorLogEvent(event),
      fixed: fixed.map((file) => ({
        ...file,
        functions: file.functions.map((one) => ({ range: one.range, ...(one.name && { name: one.name }) })),
      })),
    };
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const reason = issue ? `${issue.path.join('.')}: ${issue.message}` : messageOf(cause);
    throw new PatrolError('EVENT_INVALID', `${where} is no case: ${reason}`, { cause });
  }
}
