import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Location, Log, Result } from 'sarif';
import { stablePath } from '../../src/stable-path.ts';
import { oneLine, sarifText } from './escape.ts';
import { countOf, type LogReport, type ReportedError } from './log-report.ts';
import { causeOf, titleOf } from './text-report.ts';

/** What `location` of an analysis looks like: `src/cart.js:7 (total)`. */
const LOCATION = /^(.*?)(?::(\d{1,9}))?(?: \(.*\))?$/;

/**
 * A report as SARIF 2.1.0, which code hosts and editors show beside the code. Each distinct error is one result.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarifReport(report: LogReport): string {
  const rules = [...new Set(report.errors.map(ruleOf))].sort();
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'patrol',
            rules: rules.map((id) => ({
              id,
              shortDescription: { text: `Logged error: ${id.split('/')[1]}` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The repository of the application.' } } },
        results: report.errors.map((error) => toResult(error, rules)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf({ analysis }: ReportedError): string {
  return `patrol/${analysis?.category ?? 'unknown'}`;
}

function toResult(error: ReportedError, rules: readonly string[]): Result {
  const { analysis } = error;
  const ruleId = ruleOf(error);
  const text = [
    `${titleOf(error)} (${countOf(error)} times).`,
    causeOf(error) || `Not analysed: ${error.notAnalysed ?? ''}.`,
    oneLine(analysis?.suggestedFix ?? ''),
  ];
  const [, file = '', line] = LOCATION.exec(oneLine(analysis?.location ?? '')) ?? [];
  return {
    ruleId,
    ruleIndex: rules.indexOf(ruleId),
    level: 'error',
    message: { text: sarifText(text.filter(Boolean).join(' ')) },
    locations: [
      file === ''
        ? place({ uri: logUri(error.file) }, error.line)
        : place(
            { uri: sourceUri(file), uriBaseId: 'SRCROOT' },
            line === undefined ? undefined : Number(line),
          ),
    ],
    ...(analysis && analysis.evidence.length > 0
      ? {
          relatedLocations: analysis.evidence.map((one, id) => ({
            id,
            ...place({ uri: sourceUri(one.file), uriBaseId: 'SRCROOT' }, one.line),
            message: { text: sarifText(one.quote) },
          })),
        }
      : {}),
    fingerprints: { 'patrol/v1': error.errorHash },
    occurrenceCount: error.count,
    ...(error.firstSeen !== undefined && {
      provenance: {
        firstDetectionTimeUtc: new Date(error.firstSeen).toISOString(),
        lastDetectionTimeUtc: new Date(error.lastSeen ?? error.firstSeen).toISOString(),
      },
    }),
    ...(analysis && { rank: analysis.confidenceScore }),
  };
}

function place(artifactLocation: ArtifactLocation, line: number | undefined): Location {
  return {
    physicalLocation: {
      artifactLocation,
      ...(line !== undefined && line > 0 && { region: { startLine: line } }),
    },
  };
}

/** A path in the repository as a relative reference: no scheme, no host, no way out. */
function sourceUri(file: string): string {
  const path = stablePath(file)
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return path.map(encodeURIComponent).join('/') || 'unknown';
}

function logUri(file: string): string {
  return file === '-' ? 'stdin' : pathToFileURL(file).href;
}
