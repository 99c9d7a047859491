// Holds the dashboards against Grafana's own types, and shows that faults would be found. Prints "ok - ..." lines.
import Ajv from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../grafana/', import.meta.url);

const schema = createGenerator({
  path: 'model.ts', tsconfig: 'tsconfig.json', type: '*', skipTypeCheck: true,
}).createSchema('*');
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(schema, 'grafana');

function complaints(kind, value, where) {
  const valid = ajv.getSchema(`grafana#/definitions/${kind}`);
  if (!valid) {
    return [`${where}: no panel is called ${kind}`];
  }
  return valid(value) ? [] : valid.errors.map(
    (error) => `${where}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
}

function faultsOf(board) {
  const panels = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return [...complaints('board', board, board.title),
    ...panels.flatMap((panel) => complaints(panel.type, panel, `${board.title} / ${panel.title}`))];
}

function report(name, good, details) {
  console.log(`${details.map((line) => `${line}\n`).join('')}${good ? 'ok' : 'not ok'} - dashboards: ${name}`);
}

const boards = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]);
for (const [name, board] of boards) {
  const found = faultsOf(board);
  report(`${name} is what Grafana's types say`, found.length === 0, found.slice(0, 20));
}

// One of each kind of mistake that people make.
const of = (board, type) => board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  .find((panel) => panel.type === type);
const MISTAKES = {
  'a misspelt key': (board) => { of(board, 'stat').titel = 'x'; },
  'a draw style that is none': (board) => { of(board, 'timeseries').fieldConfig.defaults.custom.drawStyle = 'dots'; },
  'a threshold mode that is none': (board) => { of(board, 'stat').fieldConfig.defaults.thresholds.mode = 'relative'; },
  'no uid': (board) => { delete board.uid; },
  'a width as text': (board) => { of(board, 'stat').gridPos.w = '4'; },
  'calcs that are no list': (board) => { of(board, 'stat').options.reduceOptions.calcs = 'last'; },
  'a refresh that is no text': (board) => { board.refresh = 60; },
  'a target without a refId': (board) => { delete of(board, 'table').targets[0].refId; },
  'a panel that does not exist': (board) => { of(board, 'stat').type = 'speedometer'; },
};
for (const [name, spoil] of Object.entries(MISTAKES)) {
  const board = structuredClone(boards.find(([file]) => file === 'overview.json')[1]);
  spoil(board);
  report(`${name} is found`, faultsOf(board).length > 0, []);
}
