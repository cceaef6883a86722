import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { loadConfig } from '../../src/config.ts';
import { createEngine } from '../../src/create-engine.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { analyseErrors } from '../report/analyse-errors.ts';
import { findLogFiles, type LogFile } from '../report/log-files.ts';
import { formatOf, type LogReport, REPORT_FORMATS, type ReportFormat } from '../report/log-report.ts';
import { scanLogs } from '../report/scan-logs.ts';
import { resolveSecrets } from '../secrets.ts';

/** What the command line says. */
export interface AnalyzeOptions {
  readonly top: string;
  readonly maxCost?: string;
  readonly dryRun?: boolean;
  readonly format?: string;
  readonly out?: string;
  readonly level?: string;
}

/** Distinct errors that one report can hold: those that are counted at the same time. */
const MAX_TOP = 2000;

/**
 * `patrol analyze <file…|dir|->`: the distinct errors of logs, counted and analysed, as a report.
 *
 * @throws {PatrolError} `CONFIG_INVALID` for wrong settings or options, `EVENT_INVALID` for a log that is not there.
 */
export async function analyze(names: readonly string[], options: AnalyzeOptions): Promise<void> {
  const top = numberOf('--top', options.top, 1, MAX_TOP);
  const maxCost = options.maxCost === undefined ? undefined : numberOf('--max-cost', options.maxCost, 0, 1e6);
  const format = formatFor(options);
  const loaded = await resolveSecrets(
    loadConfig(options.level === undefined ? {} : { level: options.level }),
  );
  const isRemote = loaded.allowedRepositories.length > 0 || loaded.defaultRepositoryUrl !== undefined;
  // Like the embedded engine: without a repository to ask, the code is here.
  const config = { ...loaded, ...(!isRemote && { sourceRoot: loaded.sourceRoot ?? process.cwd() }) };
  const files = await findLogFiles(names);

  const scan = await withProgress('Reading', sizeOf(files), async (onRead) => {
    const rules = config.rulesFile === undefined ? undefined : await createEngine(config);
    return scanLogs(files, {
      level: config.level,
      onRead,
      ...(rules && { identify: (event) => rules.identify(event) }),
    });
  });
  const all = Math.min(top, scan.errors.length);
  const report = await withProgress('Analysing', all, (onDone) =>
    analyseErrors(scan, {
      config,
      top,
      ...(maxCost !== undefined && { maxCost }),
      ...(options.dryRun && { dryRun: true }),
      onAnalysed: () => onDone(1),
    }),
  );
  await write(await render(report, format, options.out === undefined), options.out);
}

async function render(report: LogReport, format: ReportFormat, isShown: boolean): Promise<string> {
  switch (format) {
    case 'text': {
      const { toTextReport } = await import('../report/text-report.ts');
      return toTextReport(report, isShown && process.stdout.isTTY && process.stdout.hasColors());
    }
    case 'markdown':
      return (await import('../report/markdown-report.ts')).toMarkdownReport(report);
    case 'html':
      return (await import('../report/html-report.ts')).toHtmlReport(report);
    case 'sarif':
      return (await import('../report/sarif-report.ts')).toSarifReport(report);
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
  }
}

async function write(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    return;
  }
  await writeFile(out, text).catch((error: unknown) => {
    throw new PatrolError(
      'CONFIG_INVALID',
      `Expected --out to be a file that can be written: ${messageOf(error)}`,
    );
  });
}

function formatFor({ format, out }: AnalyzeOptions): ReportFormat {
  if (format === undefined) return (out === undefined ? undefined : formatOf(out)) ?? 'text';
  const known = REPORT_FORMATS.find((one) => one === format);
  if (known) return known;
  throw new PatrolError('CONFIG_INVALID', `Expected --format to be one of ${REPORT_FORMATS.join(', ')}.`);
}

function numberOf(option: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= least && number <= most) return number;
  throw new PatrolError('CONFIG_INVALID', `Expected ${option} to be a number from ${least} to ${most}.`);
}

function sizeOf(files: readonly LogFile[]): number | undefined {
  return files.some(({ size }) => size === undefined)
    ? undefined
    : files.reduce((sum, { size = 0 }) => sum + size, 0);
}

/** A bar on stderr with the time that is left, while somebody is there to see it. */
async function withProgress<T>(
  what: string,
  total: number | undefined,
  work: (onProgress: (by: number) => void) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY || !total) return work(() => {});
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${what.padEnd(9)} {bar} {percentage} %, {eta_formatted} left`,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 50,
  });
  bar.start(total, 0);
  try {
    return await work((by) => bar.increment(by));
  } finally {
    bar.stop();
  }
}
