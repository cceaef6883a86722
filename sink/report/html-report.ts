import { html, raw } from 'hono/html';
import { visibleText } from '../../src/plain-text.ts';
import { oneLine } from './escape.ts';
import { countOf, type LogReport, type ReportedError, seenOf, summaryOf } from './log-report.ts';
import { causeOf, titleOf } from './text-report.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.1rem; overflow-wrap: anywhere; }
article { border-top: 1px solid GrayText; padding: .5rem 0; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .25rem 1rem; }
dt { color: GrayText; } dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; }`;
/** Nothing but the style in the page: no script, no request. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

type Html = ReturnType<typeof html>;

/** A report as one page that needs nothing else. Hono's template escapes every value. */
export async function toHtmlReport(report: LogReport): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors in the log</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>Errors in the log</h1>
${summaryOf(report).map((line) => html`<p>${oneLine(line)}</p>`)}
${report.errors.map(article)}
</main>
</body>
</html>
`;
  return String(await page);
}

function article(error: ReportedError, index: number): Html {
  const { analysis, notAnalysed } = error;
  const entry = (name: string, text: string) => (text === '' ? '' : html`<dt>${name}</dt><dd>${text}</dd>`);
  return html`<article>
<h2>${index + 1}. ${titleOf(error)}</h2>
<dl>
${entry('Records', countOf(error))}
${entry('Seen', seenOf(error))}
${entry('Services', error.services.map((one) => oneLine(one, 100)).join(', '))}
${entry('Not analysed', oneLine(notAnalysed ?? ''))}
${entry('Cause', causeOf(error))}
${entry('Fix', oneLine(analysis?.suggestedFix ?? ''))}
${entry('Where', oneLine(analysis?.location ?? ''))}
${(analysis?.evidence ?? [])
  .slice(0, 3)
  .map(
    ({ file, line, quote, verified }) =>
      html`<dt>Code${verified ? '' : ' (not verified)'}</dt><dd>${oneLine(`${file}:${line}`)} <code>${oneLine(quote)}</code></dd>`,
  )}
${entry('Next', oneLine((analysis?.nextSteps ?? []).slice(0, 4).join(' ')))}
${entry('First seen in', oneLine(`${error.file}:${error.line}`))}
${entry('Hash', error.errorHash)}
</dl>
${analysis?.patch === undefined ? '' : html`<pre><code>${visibleText(analysis.patch)}</code></pre>`}
</article>`;
}
