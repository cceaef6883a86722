import type { AnalysisRecord } from '../src/analysis-record.ts';
import type { PatrolConfig } from '../src/config.ts';
import type { Delivery } from './delivery/delivery.ts';

/** What a delivery needs besides the settings. */
export interface DeliveryContext {
  /** Called for each analysis that the delivery itself brings about. */
  readonly onAnalysis: (record: AnalysisRecord) => void;
}

/** A delivery by the settings: SQS, else HTTP, else the engine in the process; loads no more than that one needs. */
export async function createDelivery(config: PatrolConfig, context: DeliveryContext): Promise<Delivery> {
  if (config.queueUrl !== undefined) {
    const { createSqsDelivery } = await import('./delivery/sqs.ts');
    return createSqsDelivery({ queueUrl: config.queueUrl });
  }
  if (config.sinkUrl !== undefined) {
    const { createHttpDelivery } = await import('./delivery/http.ts');
    return createHttpDelivery({
      sinkUrl: config.sinkUrl,
      token: config.sinkToken,
      signingKey: config.sinkSigningKey,
    });
  }
  const { createLocalDelivery } = await import('./delivery/local.ts');
  return createLocalDelivery({ config, onAnalysis: context.onAnalysis });
}
