import type { RuleDefinition } from '../rules.ts';

/** The errors that Patrol knows by itself, area by area; within one error the first rule that holds wins. */
export const knownErrors: readonly RuleDefinition[] = [];
