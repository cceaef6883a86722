import type { RuleDefinition } from '../rule-definition.ts';
import { databaseErrors } from './databases.ts';
import { httpErrors } from './http.ts';
import { javascriptErrors } from './javascript.ts';
import { parsingErrors } from './parsing.ts';
import { runtimeErrors } from './runtime.ts';
import { storeErrors } from './stores.ts';
import { systemErrors } from './system.ts';
import { tlsErrors } from './tls.ts';
import { validationErrors } from './validation.ts';

/**
 * The errors that Patrol knows by itself, area by area. Within one error the first rule that holds wins, so
 * what names a product comes before what names only the system call.
 */
export const knownErrors: readonly RuleDefinition[] = [
  ...validationErrors,
  ...databaseErrors,
  ...storeErrors,
  ...tlsErrors,
  ...runtimeErrors,
  ...parsingErrors,
  ...systemErrors,
  ...httpErrors,
  ...javascriptErrors,
];
