import { readFile } from 'node:fs/promises';
import { LLMock } from '@copilotkit/aimock';
import { createTwoFilesPatch } from 'diff';

const examples = new URL('../', import.meta.url);

/**
 * What a model would say of the errors that no rule can be sure of. The line is looked up, so that the evidence
 * is as true as the source is.
 */
const ANSWERS = [
  {
    asked: /reading 'address'/,
    category: 'bug',
    rootCause: 'invoiceFor reads order.customer.address, but an order of a guest has no customer.',
    suggestedFix:
      'Ask guests for a billing address and use it here, or refuse the invoice with 409 until there is one.',
    analysis:
      'Order.customer is optional (guests order without an account), and invoiceFor takes it for granted.',
    file: 'express-winston/services/invoices.js',
    quote: 'const country = order.customer.address.country;',
    better: 'const country = order.customer?.address.country ?? order.billingCountry;',
  },
  {
    asked: /ZodError|expected number, received string/,
    category: 'validation',
    rootCause:
      'A client sent the weight of a parcel as text, and the route lets the ZodError end as status 500.',
    suggestedFix:
      'Answer 400 with error.issues in the error handler; z.coerce.number() where text is to be accepted.',
    analysis:
      'shipment.parse throws for the body of a request, and nobody tells this from a fault of the server.',
    file: 'fastify-pino/services/planning.js',
    quote: 'const { order, parcels } = shipment.parse(input);',
  },
  {
    asked: /express-label\.txt/,
    category: 'configuration',
    rootCause:
      'There is no template express-label.txt: the service comes straight from the query string into a file name.',
    suggestedFix: 'Add the template, and let the route accept only services for which there is one.',
    analysis:
      'LabelTemplates.load builds the file name from the service; only the template "standard" exists.',
    file: 'fastify-pino/repositories/label-templates.js',
    quote: `return await readFile(new URL(\`\${service}-label.txt\`, this.folder), 'utf8');`,
  },
];

/** An OpenAI-compatible server on loopback that answers from the list above, and 500 to everything else. */
export async function startModel() {
  const server = new LLMock({ port: 0, strict: true });
  for (const { asked, file, quote, better, ...answer } of ANSWERS) {
    const source = await readFile(new URL(file, examples), 'utf8');
    const line = source.slice(0, source.indexOf(quote)).split('\n').length;
    const changed = better && source.replace(quote, better);
    const content = JSON.stringify({
      ...answer,
      confidence: 90,
      evidence: [{ file, line, quote }],
      // Like a model, it knows no more of the file than the function that it was shown.
      patch: changed
        ? createTwoFilesPatch(`a/${file}`, `b/${file}`, source, changed, '', '', { context: 1 })
        : null,
      nextSteps: [],
    });
    server.onMessage(asked, { content });
  }
  await server.start();
  return {
    url: `${server.url}/v1`,
    calls: () => server.getRequests().length,
    stop: () => server.stop(),
  };
}
