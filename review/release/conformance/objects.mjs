// Checks objects, one JSON text per line on the standard input, with the schema of
// their type in MITRE's ATT&CK Data Model. Prints what is wrong as JSON, by id.
// The schema of whole bundles cannot be used: it throws when it is loaded.
import { createInterface } from 'node:readline';
import * as model from '@mitre-attack/attack-data-model';

const schemas = {
  'attack-pattern': model.techniqueSchema,
  campaign: model.campaignSchema,
  'course-of-action': model.mitigationSchema,
  identity: model.identitySchema,
  'intrusion-set': model.groupSchema,
  malware: model.malwareSchema,
  'marking-definition': model.markingDefinitionSchema,
  relationship: model.relationshipSchema,
  tool: model.toolSchema,
  'x-mitre-analytic': model.analyticSchema,
  'x-mitre-asset': model.assetSchema,
  'x-mitre-collection': model.collectionSchema,
  'x-mitre-data-component': model.dataComponentSchema,
  'x-mitre-data-source': model.dataSourceSchema,
  'x-mitre-detection-strategy': model.detectionStrategySchema,
  'x-mitre-matrix': model.matrixSchema,
  'x-mitre-tactic': model.tacticSchema,
};

const issues = {};
for await (const line of createInterface({ input: process.stdin })) {
  const object = JSON.parse(line);
  const schema = schemas[object.type];
  const result = schema?.safeParse(object);
  if (!schema) issues[object.id] = [`no schema is known for the type ${object.type}`];
  else if (!result.success)
    issues[object.id] = result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`);
}
console.log(JSON.stringify(issues));
