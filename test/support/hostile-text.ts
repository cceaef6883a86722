import fc from 'fast-check';

/** What people have tried in chats, pages and terminals. */
const FRAGMENTS = [
  '<!channel>',
  '<!subteam^S0123ABC>',
  '<@U012ABCDEF>',
  '<#C012ABCDEF>',
  '<https://evil.example/x|Open in GitHub>',
  'https://evil.example/x',
  '[docs](https://evil.example)',
  '@everyone',
  '@here',
  '<@&123456789012345678>',
  '<at>Everyone</at>',
  '```',
  '`x`',
  '**bold**',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '</pre></article>',
  '&lt;script&gt;',
  '\u001b[2K\u001b[1A',
  '\u001b]8;;https://evil.example\u0007docs\u001b]8;;\u0007',
  '\r\n{"level":"info"}',
  '\u202e\u2066\u200b',
  '\u{e0041}',
  '\u0085\u2028\u2029',
  '\ud800',
  '日本語🙂',
  '\\',
] as const;

/** Text that mixes attacks with anything; up to `maxLength` fragments. */
export function hostileText(maxLength = 40): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary', maxLength: 20 })), {
      maxLength,
    })
    .map((parts) => parts.join(''));
}

/** Text that is longer than any medium takes. */
export function longText(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...FRAGMENTS, 'A', '&', '語', '\n'), fc.integer({ min: 500, max: 6000 }))
    .map(([unit, times]) => unit.repeat(Math.ceil(times / unit.length)));
}
