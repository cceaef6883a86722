import { readFile } from 'node:fs/promises';

/** Templates of labels, one file for each service. */
export class LabelTemplates {
  /** @param {URL} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @param {string} service */
  async load(service) {
    try {
      return await readFile(new URL(`${service}-label.txt`, this.folder), 'utf8');
    } catch (cause) {
      throw new Error(`The template for service "${service}" could not be loaded`, { cause });
    }
  }
}
