import { personal, privateKey, secrets, tokens } from './fakes.mjs';
import { seeded } from './random.mjs';
import { anywhere, bare, harmless, passwords, people, special, stack } from './templates.mjs';

/**
 * Makes a corpus in the form of the evaluation: rows `{i, kind, tier, text, secrets, keep?}`. The same seed makes
 * the same rows, but for private keys, which are fresh each time.
 */
export function generate(seed = 1) {
  const r = seeded(seed);
  const rows = [];
  const add = (kind, tier, text, hidden, keep) =>
    rows.push({ i: rows.length, kind, tier, text: text + stack(r), secrets: hidden, ...(keep && { keep }) });

  for (const [kind, make] of Object.entries(tokens)) {
    for (const template of [...anywhere, ...bare]) {
      const value = make(r);
      const text = template(value);
      add(kind, 'credential', text, shown(text, value));
    }
  }
  for (const kind of ['opaque', 'hex', 'aws_secret', 'uuid', 'password']) {
    for (const template of anywhere) {
      // Prose cannot tell a short password from a word, and a uuid is no token without a key.
      if (
        /AuthenticationError|Invalid API key/.test(template('')) &&
        (kind === 'password' || kind === 'uuid')
      )
        continue;
      const value = secrets[kind](r);
      const text = template(value);
      add(`keyed_${kind}`, 'credential', text, shown(text, value));
    }
  }
  for (let round = 0; round < 4; round++) {
    for (const template of passwords) {
      const value = secrets.password(r);
      const text = template(value);
      add('password', 'credential', text, shown(text, value));
    }
    for (const make of special) {
      const { kind, text, secrets: hidden } = make(r);
      add(kind, 'credential', text, hidden);
    }
    const pem = privateKey(r);
    const lines = pem.split('\n').slice(1, -1);
    add('private_key', 'credential', `Error: bad key\n${pem}`, lines);
    add('private_key', 'credential', JSON.stringify({ level: 'error', key: pem }), lines);
    add('private_key', 'credential', JSON.stringify({ msg: JSON.stringify({ key: pem }) }), lines);
    add('private_key', 'credential', `got '${pem.replaceAll('\n', '\\n')}'`, lines);
    add('private_key', 'credential', `cut: ${pem.slice(0, 150)}…`, [pem.slice(30, 90).split('\n')[0]]);
  }
  for (const [kind, templates] of Object.entries(people)) {
    for (let round = 0; round < 12; round++) {
      for (const template of templates) {
        const value = personal[kind](r);
        const text = template(value);
        add(kind, 'pii', text, shown(text, value));
      }
    }
  }
  for (let round = 0; round < 4; round++) {
    for (const make of harmless) {
      const [text, keep] = make(r);
      add('harmless', 'negative', text, [], [keep || text]);
    }
  }
  return rows;
}

/** The value as the template wrote it. */
function shown(text, value) {
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    value.replaceAll('&', '&amp;'),
  ];
  const found = forms.find((form) => text.includes(form));
  // What was encoded as a whole is looked for as the longest run of base64.
  return [found ?? /[\w+/=-]{24,}/.exec(text)?.[0] ?? value];
}
