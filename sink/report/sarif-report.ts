import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Location, Log, ReportingDescriptor, Result } from 'sarif';
import { stablePath } from '../../src/stable-path.ts';
import { oneLine, sarifText } from './escape.ts';
import { countOf, type LogReport, type ReportedError } from './log-report.ts';
import { causeOf, titleOf } from './text-report.ts';

/** What `location` of an analysis looks like: `src/cart.js:7 (total)`. */
const LOCATION = /^(.*?)(?::(\d{1,9}))?(?: \(.*\))?$/;

/**
 * A report as SARIF 2.1.0, which code hosts and editors show beside the code. Each distinct error is one result.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and what GitHub demands beyond it:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
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
            rules: rules.map(toRule),
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

function toRule(id: string): ReportingDescriptor {
  const category = id.split('/')[1];
  return {
    id,
    shortDescription: { text: `Logged error: ${category}` },
    fullDescription: {
      text: `The application logged this error; its cause is of the category "${category}".`,
    },
    help: {
      text: 'The message says the cause and the fix, as far as they were found, and how sure that is.',
    },
    defaultConfiguration: { level: 'error' },
  };
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
    // By which GitHub knows the result again in the next report. What tells it is the error, not the text of a line.
    partialFingerprints: { primaryLocationLineHash: `${error.errorHash}:1` },
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

/** GitHub shows nothing without a line: the first stands for one that nobody knows. */
function place(artifactLocation: ArtifactLocation, line = 1): Location {
  return { physicalLocation: { artifactLocation, region: { startLine: Math.max(1, line) } } };
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
