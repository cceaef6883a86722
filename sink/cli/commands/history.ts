import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ErrorAction, Severity } from '../../history/history.ts';
import { withExamples, writeJson } from './command.ts';

/** As the history has them; its module is not loaded for a help. */
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

interface Report {
  readonly text: string;
  readonly data: unknown;
}

/** `patrol stats` and `patrol errors …`: they ask a running server. */
export function addHistoryCommands(program: Command): void {
  withExamples(
    program
      .command('stats')
      .description('what the server of PATROL_SINK_URL has seen: counts, top errors, cache, money')
      .option('--days <number>', 'how many days back', wholeNumber, 1)
      .option('--service <name>', 'only this application')
      .option('--json', 'as JSON'),
    ['patrol stats', 'the last day'],
    ['patrol stats --days 7 --service shop --json', ''],
  ).action(async ({ days, service, json }: { days: number; service?: string; json?: boolean }) => {
    const { showStatistics } = await import('../history.ts');
    print(await showStatistics(days, service), json);
  });

  const errors = withExamples(
    program
      .command('errors')
      .description('the errors that the server of PATROL_SINK_URL remembers, and what to do about them'),
    ['patrol errors', 'the latest ones'],
    ['patrol errors show 3b1562810f19', 'all about one, by the beginning of its hash'],
    ['patrol errors resolve 3b1562810f19', 'it is mended'],
  );

  withExamples(
    errors
      .command('list', { isDefault: true })
      .description('list them')
      .option('--search <words>', 'beginnings of words in message, name, cause or hash')
      .option('--status <statuses>', 'new, ongoing, regressed, resolved, ignored; several with commas')
      .option('--service <name>')
      .option('--environment <name>')
      .option('--release <name>')
      .addOption(new Option('--severity <severity>').choices(SEVERITIES))
      .option('--assignee <name>')
      .addOption(new Option('--sort <by>').choices(['lastSeen', 'firstSeen', 'occurrences']))
      .option('-n, --limit <number>', 'how many, at most 200', '50')
      .option('--cursor <cursor>', 'the page after the one that ended with this cursor')
      .option('--json', 'as JSON; with nextCursor where there are more'),
    ['patrol errors', 'those that came last'],
    ['patrol errors list --status new,regressed --service shop', ''],
    ["patrol errors list --json --limit 200 | jq -r '.nextCursor // empty'", 'what --cursor takes'],
  ).action(async ({ json, ...filter }: Record<string, string | undefined> & { json?: never }) => {
    const { listErrors } = await import('../history.ts');
    print(await listErrors(filter), json);
  });

  withExamples(
    errors
      .command('show')
      .description('all about one')
      .argument('<hash>', 'its hash, or the beginning of it')
      .option('--json', 'as JSON'),
    ['patrol errors show 3f9c2ab81d04', ''],
  ).action(async (hash: string, { json }: { json?: boolean }) => {
    const { showError } = await import('../history.ts');
    print(await showError(hash), json);
  });

  const act = async (hash: string, action: ErrorAction, json: boolean | undefined) => {
    const { actOnError } = await import('../history.ts');
    print(await actOnError(hash, action), json);
  };
  const command = (name: string, description: string): Command =>
    errors
      .command(name)
      .description(description)
      .argument('<hash>', 'its hash, or the beginning of it')
      .option('--json', 'as JSON');

  command('resolve', 'it is mended; when it comes back it is regressed')
    .option('--release <name>', 'the release that mends it: older ones may still have it')
    .action((hash: string, { release, json }: { release?: string; json?: boolean }) =>
      act(hash, { action: 'resolve', ...(release !== undefined && { release }) }, json),
    );
  command('reopen', 'it is not mended').action((hash: string, { json }: { json?: boolean }) =>
    act(hash, { action: 'reopen' }, json),
  );
  command('ignore', 'tell nobody of it')
    .option('--occurrences <number>', 'until so many more have come', wholeNumber)
    .option('--until <date>', 'until this time (ISO 8601; a day begins at 00:00 UTC)', date)
    .action(
      (
        hash: string,
        { occurrences, until, json }: { occurrences?: number; until?: number; json?: boolean },
      ) =>
        act(
          hash,
          {
            action: 'ignore',
            ...(occurrences !== undefined && { occurrences }),
            ...(until !== undefined && { until }),
          },
          json,
        ),
    );
  command('assign', 'somebody has it')
    .argument('[person]', 'who (default: nobody)')
    .action((hash: string, person: string | undefined, { json }: { json?: boolean }) =>
      act(hash, { action: 'assign', assignee: person ?? null }, json),
    );
  command('severity', 'say how bad it is')
    .addArgument(new Argument('<severity>', 'how bad').choices(SEVERITIES))
    .action((hash: string, severity: Severity, { json }: { json?: boolean }) =>
      act(hash, { action: 'severity', severity }, json),
    );
  command('note', 'write something down')
    .argument('<text>', 'what')
    .action((hash: string, text: string, { json }: { json?: boolean }) =>
      act(hash, { action: 'note', text }, json),
    );
}

function print({ text, data }: Report, json: boolean | undefined): void {
  if (json) writeJson(data);
  else process.stdout.write(text);
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

function date(value: string): number {
  const time = Date.parse(value);
  if (!Number.isFinite(time)) throw new InvalidArgumentError('Expected a date such as 2026-05-01.');
  if (time <= Date.now()) throw new InvalidArgumentError('Expected a date that is still to come.');
  return time;
}
