/** How often `part` occurs in `text`. */
function count(text, part) {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0 && part !== ''; at = text.indexOf(part, at + 1)) found++;
  return found;
}

const FRAME = /at [^\n"\\]{1,80} \([^()\n]{1,120}:\d+:\d+\)/g;

/** A secret has leaked when it, or its last eight characters, are still there (of an address: the local part). */
function hasLeaked({ kind, text, secrets }, secret, redacted) {
  const outside = [...secrets]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, one) => rest.split(one).join('\0'), text);
  if (count(redacted, secret) > count(outside, secret)) return true;
  if (secret.length <= 8) return false;
  const end =
    kind === 'email' && secret.includes('@') ? secret.slice(0, secret.indexOf('@') + 1) : secret.slice(-8);
  return count(redacted, end) > count(outside, end);
}

/** Scores rows against their redacted texts. */
export function score(rows, redactedTexts) {
  const tiers = {};
  const misses = [];
  const destroyed = [];
  let negatives = 0;
  let changed = 0;
  let frames = 0;
  let framesKept = 0;
  for (const [index, row] of rows.entries()) {
    const redacted = redactedTexts[index];
    if (row.secrets.length === 0) {
      negatives++;
      if (redacted !== row.text) changed++;
      if ((row.keep ?? []).some((part) => count(redacted, part) < count(row.text, part))) {
        destroyed.push({ i: row.i, kind: row.kind, redacted });
      }
      continue;
    }
    for (const [frame] of row.text.matchAll(FRAME)) {
      if (row.secrets.some((secret) => frame.includes(secret))) continue;
      frames++;
      if (redacted.includes(frame)) framesKept++;
    }
    const leaked = row.secrets.filter((secret) => hasLeaked(row, secret, redacted));
    tiers[row.tier] ??= { events: 0, leaked: 0 };
    const tier = tiers[row.tier];
    tier.events++;
    if (leaked.length > 0) {
      tier.leaked++;
      misses.push({ i: row.i, kind: row.kind, tier: row.tier, redacted });
    }
  }
  const percent = (part, whole) => (whole === 0 ? null : Math.round((1000 * part) / whole) / 10);
  return {
    recall: Object.fromEntries(
      Object.entries(tiers).map(([name, { events, leaked }]) => [
        name,
        { events, percent: percent(events - leaked, events) },
      ]),
    ),
    destroyed: percent(destroyed.length, negatives),
    changed: percent(changed, negatives),
    framesKept: percent(framesKept, frames),
    misses,
    destroyedTexts: destroyed,
  };
}
