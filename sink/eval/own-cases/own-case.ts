import type { ErrorLog } from '../../../src/types.ts';
import type { ContextCase } from '../case.ts';

/** One failure of a small program that Patrol brings along; its repository is built where it is needed. */
export interface OwnCase extends Pick<ContextCase, 'id' | 'language' | 'kind' | 'fixed'> {
  /** How the program is laid out, built and deployed. */
  readonly layout: string;
  /** True when the stack was printed by running the program (its folder renamed); false when written in that form. */
  readonly recorded: boolean;
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  readonly errorLog: ErrorLog;
}
