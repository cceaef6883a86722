/**
 * Stands in for `rapid-client.node`, the native addon of aws-lambda-ric, which needs cmake and a compiler:
 * the four calls that it makes to the Runtime API, over node:http. Loaded by `--require`.
 */
const http = require('node:http');
const Module = require('node:module');

const invocation = () => `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    http
      .request(invocation() + path, { method, headers }, (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ bodyJson: text, headers: response.headers }));
      })
      .on('error', reject)
      .end(body);
  });
}

const client = {
  initializeClient() {},
  next: () => call('GET', '/next'),
  done: (id, body) => void call('POST', `/${id}/response`, body),
  error: (id, body, xray) =>
    void call('POST', `/${id}/error`, body, { 'lambda-runtime-function-xray-error-cause': xray }),
};

const load = Module._load;
Module._load = function patched(request, ...rest) {
  return request.endsWith('rapid-client.node') ? client : load.call(this, request, ...rest);
};
