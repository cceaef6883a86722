import { compiledCases } from './compiled.ts';
import { hardCases } from './hard.ts';
import { javaCases } from './java.ts';
import { javascriptCases } from './javascript.ts';
import type { OwnCase } from './own-case.ts';
import { pythonCases } from './python.ts';
import { scriptedCases } from './scripted.ts';
import { typescriptCases } from './typescript.ts';

/** The failures that Patrol brings along, in nine languages and as many ways to deploy them. */
export const ownCases: readonly OwnCase[] = [
  ...javascriptCases,
  ...typescriptCases,
  ...pythonCases,
  ...javaCases,
  ...compiledCases,
  ...scriptedCases,
  ...hardCases,
];
