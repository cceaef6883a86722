/** What must hold of an observation. A check of something that was not observed fails. */

/** A text, or the texts inside a payload as a person would read them. */
const textOf = (value) => (typeof value === 'string' ? value : textsIn(value).join('\n'));

function textsIn(value) {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}

const count = (text, part) => text.split(part).length - 1;
const hostOf = ({ url }) => new URL(url).hostname;
const valueAt = (value, path) => path.split('.').reduce((inner, key) => inner?.[key], value);

const CHECKS = {
  not_crashed: (_, seen) => seen.crashed === false,
  no_pollution: (_, seen) => seen.polluted === false,
  legitimate_works: (_, { legitimate }) => legitimate?.answered && legitimate.read && legitimate.shown,
  contains: ({ target, value }, seen) => textOf(seen[target]).includes(value),
  not_contains: ({ target, value }, seen) => !textOf(seen[target]).includes(value),
  not_matches: ({ target, regex, flags }, seen) => !new RegExp(regex, flags).test(textOf(seen[target])),
  max: ({ target, max }, seen) => seen[target] <= max,
  path_equals: ({ target, path, value }, seen) =>
    JSON.stringify(valueAt(seen[target], path)) === JSON.stringify(value),
  path_absent: ({ target, path }, seen) => valueAt(seen[target], path) === undefined,
  single_line: ({ target }, seen) => !/[\r\n\u2028\u2029\u0085]/.test(seen[target].replace(/\n$/, '')),
  marked_untrusted: ({ targets }, seen) =>
    targets.every((target) => /AI-generated|not verified/.test(textOf(seen[target]))),
  delimiter_intact: (_, { prompt_user: user, delimiter }) =>
    delimiter.close.length >= 16 && count(user, delimiter.open) === 1 && count(user, delimiter.close) === 1,
  only_hosts: ({ allow }, { http }) => http.every((request) => allow.includes(hostOf(request))),
  github_paths_within: ({ prefix }, { http }) =>
    http.every(
      ({ url }) => new URL(url).pathname.startsWith(prefix) && !/\.\.|%2e%2e|%5c/i.test(url.slice(8)),
    ),
  no_request_for: ({ value }, { http }) => http.every(({ url }) => !decodeURIComponent(url).includes(value)),
};

const NEEDED = {
  delimiter_intact: ['delimiter', 'prompt_user'],
  only_hosts: ['http'],
  github_paths_within: ['http'],
  no_request_for: ['http'],
};

/** One sentence for each check of the item that does not hold. */
export function failuresOf(item, seen) {
  return item.checks.flatMap((check) => {
    const { type, target, targets = target === undefined ? [] : [target] } = check;
    const missing = [...targets, ...(NEEDED[type] ?? [])].filter((name) => seen[name] === undefined);
    const what = `${item.id} (${item.title}): ${type} ${targets.join()} ${check.value ?? check.regex ?? check.max ?? ''}`;
    if (missing.length > 0) return [`${what}: ${missing.join()} was not observed`];
    return CHECKS[type](check, seen) ? [] : [`${what.trim()}${seen.crash ? `: ${seen.crash}` : ''}`];
  });
}
