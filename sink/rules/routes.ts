import { Hono } from 'hono';
import { isRecord } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import { redact } from '../../src/redaction.ts';
import { appendRule, isWritable } from '../../src/user-rules/append-rule.ts';
import { loadRules } from '../../src/user-rules/load-rules.ts';
import { readJson } from '../http-api/answers.ts';
import type { PeopleEnv } from '../http-api/person.ts';
import { checkAgainst } from './check.ts';

/**
 * `GET /` (the file as it stands, and whether it can be written), `POST /check` `{event}` (what would happen to it),
 * `POST /` `{rule}` (adds one at the end; the running sink takes it up within seconds).
 */
export function ruleRoutes({ rulesFile }: Pick<PatrolConfig, 'rulesFile'>): Hono<PeopleEnv> {
  const routes = new Hono<PeopleEnv>();

  routes.get('/', async (context) => {
    if (rulesFile === undefined) return context.json({ file: null, rules: [], writable: false });
    const [{ contents }, writable] = await Promise.all([read(rulesFile), isWritable(rulesFile)]);
    return context.json({ file: rulesFile, rules: [...contents.rules, ...contents.knownErrors], writable });
  });

  routes.post('/check', async (context) => {
    const { event } = await readJson(context);
    const parsed = parseErrorLogEvent(event);
    return context.json(
      await checkAgainst(needed(rulesFile), { ...parsed, errorLog: redact(parsed.errorLog) }),
    );
  });

  routes.post('/', async (context) => {
    const { rule } = await readJson(context);
    if (!isRecord(rule)) throw new PatrolError('REQUEST_INVALID', 'Expected rule to be an object.');
    await appendRule(needed(rulesFile), rule);
    return context.json({ rule }, 201);
  });

  return routes;
}

function read(file: string) {
  return loadRules(file, { interval: false, onProblem() {} });
}

function needed(file: string | undefined): string {
  if (file === undefined) {
    throw new PatrolError('CONFLICT', 'No rule file is configured: set PATROL_RULES_FILE to one.');
  }
  return file;
}
