import type { ParsedError, StackLanguage } from '../types.ts';

/** What a language's reader finds: the outermost error first, then its causes, nearest first. */
export interface ParsedSections {
  readonly errors: readonly ParsedError[];
  readonly language: StackLanguage;
}
