import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, toAnalysisHtml } from '../../../sink/dashboard/analysis-html.ts';
import { analysisRecord, COMMIT, FOREIGN_ADDRESSES } from '../../support/events.ts';
import { hostileRecord } from '../../support/hostile-records.ts';

const sound = analysisRecord({
  service: 'orders',
  occurrences: 14,
  source: 'llm',
  patch: '--- a/x\n+++ b/x',
});
/** The tags that the renderer itself writes; an attribute is at most a class of its own. */
const OWN_TAG =
  /^<\/?(?:article|h2|pre|p|dl|dt|dd|figure|figcaption|code|ul|li|footer)(?: class="patrol-[a-z]+")?>$/;

describe('an analysis in HTML', () => {
  it('says what failed, why, what to do, where, and how far to trust it', () => {
    const html = toAnalysisHtml(sound);
    expect(html).toContain('<h2>Error in orders, 14 times</h2>');
    expect(html).toContain('<dt>Cause</dt><dd>Nothing listens on 127.0.0.1:5432.</dd>');
    expect(html).toContain('src/orders.js:12 (saveOrder)');
    expect(html).toContain('await db.connect();');
    expect(html).toContain('AI-generated, 1 of 1 cited lines verified');
  });

  it('shows markup as the text that it is', () => {
    const html = toAnalysisHtml(analysisRecord({ rootCause: `<img src="x" onerror='alert(1)'> & co` }));
    expect(html).toContain('&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt; &amp; co');
  });

  it('links a commit by the address of the code host, and by no other', () => {
    const html = (url: string) => toAnalysisHtml(analysisRecord({ suspectCommits: [{ ...COMMIT, url }] }));
    expect(html(COMMIT.url)).toContain(
      `<li><a href="${COMMIT.url}" rel="noopener noreferrer">c0ffee1234</a> of 2026-01-02 by Ada: Pool</li>`,
    );
    for (const url of FOREIGN_ADDRESSES) expect(html(url)).not.toMatch(/href|evil/);
  });

  it('consists of its own tags only, all of them closed, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const html = toAnalysisHtml(record);
        const open: string[] = [];
        for (const [tag] of html.matchAll(/<[^>]*>?/g)) {
          expect(tag).toMatch(OWN_TAG);
          const name = /[a-z]\w*/.exec(tag)?.[0] ?? '';
          if (!tag.startsWith('</')) open.push(name);
          else expect(open.pop()).toBe(name);
        }
        expect(open).toEqual([]);
        expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/[<>"']/);
        expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
      }),
    );
  });

  it('comes with a policy under which nothing runs and nothing is loaded from elsewhere', () => {
    const policy = contentSecurityPolicy();
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|script-src|https?:|\*/);
  });
});
