import { visibleText } from '../../src/plain-text.ts';
import { markdownCode, markdownText } from './escape.ts';
import { countOf, type LogReport, type ReportedError, seenOf, summaryOf } from './log-report.ts';
import { causeOf, titleOf } from './text-report.ts';

/** A report as Markdown, e.g. for an issue. Whatever was logged shows as text. */
export function toMarkdownReport(report: LogReport): string {
  return [
    '# Errors in the log',
    summaryOf(report).map(markdownText).join('  \n'),
    ...(report.errors.length > 0 ? [table(report.errors)] : []),
    ...report.errors.map(section),
    '',
  ].join('\n\n');
}

function table(errors: readonly ReportedError[]): string {
  const rows = errors.map(
    (error, index) =>
      `| ${index + 1} | ${markdownText(countOf(error))} | ${markdownText(titleOf(error))} | ${markdownText(causeOf(error))} |`,
  );
  return ['| | Records | Error | Cause |', '|---:|---:|---|---|', ...rows].join('\n');
}

function section(error: ReportedError, index: number): string {
  const { analysis, notAnalysed } = error;
  const item = (name: string, text: string) => (text === '' ? [] : [`- **${name}**: ${text}`]);
  return [
    `## ${index + 1}. ${markdownText(titleOf(error))}`,
    '',
    ...item(
      'Records',
      markdownText([countOf(error), seenOf(error), error.services.join(', ')].filter(Boolean).join(', ')),
    ),
    ...(analysis
      ? [
          ...item('Cause', markdownText(causeOf(error))),
          ...item('Fix', markdownText(analysis.suggestedFix)),
          ...item('Where', analysis.location === undefined ? '' : markdownCode(analysis.location)),
          ...analysis.evidence
            .slice(0, 3)
            .flatMap(({ file, line, quote, verified }) =>
              item(
                'Code',
                `${markdownCode(`${file}:${line}`)} ${markdownCode(quote)}${verified ? '' : ' (not verified)'}`,
              ),
            ),
          ...item('Next', markdownText(analysis.nextSteps.slice(0, 4).join(' '))),
        ]
      : item('Not analysed', markdownText(notAnalysed ?? ''))),
    ...item('First seen in', markdownCode(`${error.file}:${error.line}`)),
    ...item('Hash', markdownCode(error.errorHash)),
    ...(analysis?.patch === undefined ? [] : ['', patch(analysis.patch)]),
  ].join('\n');
}

/** A block that nothing in it can end: a fence longer than any row of backticks inside. */
function patch(text: string): string {
  const visible = visibleText(text);
  const longest = Math.max(2, ...[...visible.matchAll(/`+/g)].map(([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${visible.trimEnd()}\n${fence}`;
}
