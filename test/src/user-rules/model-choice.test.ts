import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/stores/memory.ts';
import { createModelChooser } from '../../../src/user-rules/model-choice.ts';

it('a model that could not be had once is asked for again', async () => {
  const model = { model: 'big', complete: async () => Promise.reject(new Error('not asked here')) };
  let asked = 0;
  const choose = createModelChooser({
    createModel: async () => {
      asked += 1;
      if (asked === 1) throw new Error('its key could not be read');
      return model;
    },
    usual: {},
    store: createMemoryStore(),
    onTrouble() {},
  });
  await expect(choose({ model: 'big' })).rejects.toThrow('its key could not be read');
  expect(await choose({ model: 'big' })).toEqual({ llmProvider: model });
  expect(await choose({ model: 'big' })).toEqual({ llmProvider: model });
  expect(asked).toBe(2);
});
