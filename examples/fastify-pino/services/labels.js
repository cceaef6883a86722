/**
 * @param {import('../repositories/label-templates.js').LabelTemplates} templates
 * @param {string} shipment
 * @param {string} service E.g. `standard`, `express`.
 */
export async function printLabel(templates, shipment, service) {
  try {
    const template = await templates.load(service);
    return template.replace('{shipment}', shipment).replace('{service}', service);
  } catch (cause) {
    throw new Error(`No label could be printed for shipment ${shipment}`, { cause });
  }
}
