import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createEngine } from '../../src/create-engine.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ErrorLogEventInput } from '../../src/types.ts';
import { loadRules } from '../../src/user-rules/load-rules.ts';

it('a rule file is read by PATROL_RULES_FILE, and its rules go before those that Patrol knows', async () => {
  const file = fileURLToPath(new URL('../../examples/rules.json', import.meta.url));
  const engine = await createEngine(loadConfig({}, { PATROL_RULES_FILE: file }));
  const message = 'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON';
  const analyse = (stackTrace: string) =>
    engine.processErrorLog({ errorLog: { name: 'SyntaxError', message, stackTrace } });

  const own = await analyse(
    `SyntaxError: ${message}\n    at async InventoryClient.stockOf (/srv/shop/clients/inventory.js:14:12)`,
  );
  expect(own).toMatchObject({ ruleId: 'shop/warehouse-maintenance', confidenceScore: 95, source: 'rules' });

  const known = await analyse(`SyntaxError: ${message}\n    at read (/srv/shop/clients/weather.js:3:1)`);
  expect(known.ruleId).toBe('json/html-instead-of-json');
});

it('the example of rules in YAML does what it says', async () => {
  const file = fileURLToPath(new URL('../../examples/rules.yaml', import.meta.url));
  const rules = await loadRules(file, { interval: false, onProblem() {} });
  const decide = (event: ErrorLogEventInput) => rules.decide(parseErrorLogEvent(event));
  const health = { message: 'x', context: { url: '/healthz' } };
  expect(decide({ service: 'shop', errorLog: health })?.setAside?.reason).toBe('ignored');
  const payment = { name: 'PaymentError', message: 'card refused' };
  expect(decide({ errorLog: payment })).toMatchObject({ severity: 'critical', route: ['payments-chat'] });
  expect(decide({ environment: 'staging', errorLog: payment })).toBeUndefined();
  const down = decide({ errorLog: { message: 'the warehouse answered with status 503' } });
  expect(down?.answer?.().rootCause).toBe('The warehouse is in maintenance (status 503).');
});
