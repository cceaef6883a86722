import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { visibleText } from '../../src/plain-text.ts';
import { type CommitLine, toView } from '../analysis-view.ts';

/**
 * The value of `Content-Security-Policy` for a page that shows analyses: nothing but the page's own style sheet is
 * loaded, nothing runs, nothing is sent, nobody frames it.
 */
export function contentSecurityPolicy(): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Renders an analysis as a fragment of HTML: elements and classes, no script, no style. No attribute holds data,
 * but the address of a commit whose every character was checked.
 */
export function toAnalysisHtml(record: AnalysisRecord): string {
  const view = toView(record);
  const { patrol } = record;
  const entry = (name: string, html: string): string =>
    html === '' ? '' : `<dt>${name}</dt><dd>${html}</dd>`;
  const code = view.code.map(
    ({ place, quote, verified }) =>
      `<figure class="patrol-code"><figcaption>${escaped(place)} (${verified ? 'verified' : 'not verified'})</figcaption><pre><code>${escaped(quote)}</code></pre></figure>`,
  );
  return [
    '<article class="patrol-analysis">',
    `<h2>${escaped(view.heading)}</h2>`,
    `<pre class="patrol-error">${escaped(view.error)}</pre>`,
    `<p class="patrol-verdict">${escaped(view.verdict)}</p>`,
    '<dl>',
    entry('Cause', escaped(view.cause)),
    entry('Fix', escaped(view.fix)),
    entry('Where', escaped(view.where)),
    entry('Code', code.join('')),
    entry('Last commits here', commitList(view.commits)),
    entry('Analysis', block(patrol.analysis)),
    entry('Patch', patrol.patch === undefined ? '' : block(patrol.patch)),
    entry('Next', list(view.steps)),
    entry('Why so sure', list(patrol.confidenceReasons)),
    '</dl>',
    `<footer>${escaped(view.footer)}</footer>`,
    '</article>',
  ].join('');
}

function block(text: string): string {
  return text === '' ? '' : `<pre>${escaped(visibleText(text))}</pre>`;
}

function commitList(commits: readonly CommitLine[]): string {
  const items = commits.map(({ name, about, link }) => {
    const named =
      link === ''
        ? escaped(name)
        : `<a href="${escaped(link)}" rel="noopener noreferrer">${escaped(name)}</a>`;
    return `<li>${named} ${escaped(about)}</li>`;
  });
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
}

function list(items: readonly string[]): string {
  return items.length === 0
    ? ''
    : `<ul>${items.map((item) => `<li>${escaped(visibleText(item))}</li>`).join('')}</ul>`;
}

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (one) => ENTITY[one] ?? one);
}
