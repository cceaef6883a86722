import type { ParsedError, StackLanguage } from '../types.ts';
import type { ErrorDraft } from './text.ts';

/** What a language's reader finds: the outermost error first, then its causes, nearest first. */
export interface ParsedSections {
  readonly errors: readonly ParsedError[];
  readonly language: StackLanguage;
}

/**
 * Says after each in-app frame whether more frames of that error are wanted; with `all`, before the first,
 * whether all of them are. The way to a hash is the hot one, and needs few frames: readers that are given this
 * yield the application's own frames only, and no more than are asked for.
 */
export type WantsMore = (error: ErrorDraft, all?: boolean) => boolean;
