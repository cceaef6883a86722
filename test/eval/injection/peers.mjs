import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * The peers of the pipeline on loopback, and a record of every request that the process makes: to them, or to
 * anybody else. Two names are put back to what an installation would have configured, as the path, which is what
 * an attacker can influence, is the same: the code host is recorded under its real name and the model as
 * `llm.local`. Any other host stands in the record as it was asked.
 */
export async function startPeers(codeHost = 'api.github.com') {
  const requests = [];
  const asked = [];
  const state = { answer: '', source: '', paths: [] };

  const model = await listen(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    asked.push(body);
    send(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model: body.model,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: state.answer } }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  });
  const github = await listen(async (request, response) => {
    const text = await textOf(request);
    if (request.url === '/graphql') nameRepository(requests, codeHost, text);
    const { status, body } = answerOfGitHub(request.url ?? '/', state);
    send(response, status, body);
  });

  const names = new Map([
    [new URL(model.url).host, 'https://llm.local'],
    [new URL(github.url).host, `https://${codeHost}`],
  ]);
  const note = (method, origin, path) => {
    const base = names.get(new URL(origin).host) ?? origin;
    requests.push({ method, url: `${base}${path}` });
  };
  const onFetch = ({ request }) => note(request.method, String(request.origin), request.path);
  const onHttp = ({ request }) =>
    note(request.method, `${request.protocol}//${request.getHeader('host')}`, request.path);
  subscribe('undici:request:create', onFetch);
  subscribe('http.client.request.start', onHttp);

  return {
    modelUrl: `${model.url}/v1`,
    githubUrl: github.url,
    /** Every request so far: `{method, url}`. */
    requests,
    /** The bodies that the model was sent. */
    asked,
    /** What the peers answer from now on: the model's text, the text of every file, the paths of the tree. */
    state,
    async stop() {
      unsubscribe('undici:request:create', onFetch);
      unsubscribe('http.client.request.start', onHttp);
      await Promise.all([model.stop(), github.stop()]);
    },
  };
}

/**
 * GraphQL has one address for every repository; which one is read stands in the query. So that a check of
 * repositories sees it, that is what `url` says of such a request; `sent` is where it went.
 */
function nameRepository(requests, codeHost, text) {
  const sent = `https://${codeHost}/graphql`;
  const request = requests.find(({ url }) => url === sent);
  const { owner, repo } = JSON.parse(text).variables ?? {};
  if (request) Object.assign(request, { sent, url: `https://${codeHost}/repos/${owner}/${repo}/graphql` });
}

const SHA = 'a'.repeat(40);

/** A code host without a will of its own: every repository is there, and every file that is asked for. */
function answerOfGitHub(url, { source, paths }) {
  const path = url.replace(/[?#].*$/s, '');
  if (/\/git\/trees\//.test(path)) {
    const tree = paths.map((one) => ({
      path: one,
      type: 'blob',
      mode: '100644',
      size: source.length,
      sha: SHA,
    }));
    return { status: 200, body: { sha: SHA, truncated: false, tree } };
  }
  if (/\/contents\//.test(path)) {
    const content = Buffer.from(source).toString('base64');
    return { status: 200, body: { type: 'file', encoding: 'base64', size: source.length, content } };
  }
  if (/\/commits\/?$/.test(path)) return { status: 200, body: [] };
  if (/\/commits\//.test(path)) return { status: 200, body: { sha: SHA } };
  if (path === '/graphql') return { status: 200, body: { data: { repository: null } } };
  if (/^\/search\//.test(path)) return { status: 200, body: { total_count: 0, items: [] } };
  return { status: 404, body: { message: 'Not Found' } };
}

async function listen(handle) {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
