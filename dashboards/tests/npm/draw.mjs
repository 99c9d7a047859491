// Draws all dashboards of a Prometheus at a moment, in light and dark, and says what can be read on them.
//
//   node draw.mjs PROMETHEUS SECONDS FOLDER    pictures go to FOLDER, what is read goes to standard output as JSON
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { readFileSync, readdirSync } from 'node:fs';

const [prometheus, moment, folder] = process.argv.slice(2);
const BOARDS = new URL('../../grafana/', import.meta.url);
const SCREEN = 1366; // A laptop's.
const DAY = 86400;
const STEP = 600;
const to = Number(moment);

const filled = (query) => query.replaceAll('$__rate_interval', '20m').replaceAll('$__range', '24h').replaceAll(/\$\w+/g, '.+');

async function answer(target) {
  const asked = new URLSearchParams(target.instant ? { query: filled(target.expr), time: to }
    : { query: filled(target.expr), start: to - DAY, end: to, step: STEP });
  const reply = await fetch(`${prometheus}/api/v1/${target.instant ? 'query' : 'query_range'}?${asked}`);
  const { status, data, error } = await reply.json();
  if (status !== 'success') {
    throw new Error(`${target.expr}: ${error}`);
  }
  return data.result;
}

// What is folded away is drawn below.
const unfolded = (board) => board.panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]));

function stacked(panels, board) {
  let top = 0;
  const moved = [];
  for (const row of [board.panels.filter((panel) => panel.type !== 'row'),
    ...board.panels.filter((panel) => panel.type === 'row').map((panel) => panel.panels)]) {
    const first = Math.min(...row.map((panel) => panel.gridPos.y));
    moved.push(...row.map((panel) => ({ ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y - first + top } })));
    top += Math.max(...row.map((panel) => panel.gridPos.y + panel.gridPos.h)) - first;
  }
  return moved;
}

const bundle = await build({
  entryPoints: [new URL('draw.jsx', import.meta.url).pathname], bundle: true, write: false, outdir: 'out', jsx: 'automatic',
  mainFields: ['browser', 'module', 'main'], logLevel: 'error',
  define: { global: 'window', 'process.env.NODE_ENV': '"production"' },
  loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
});
const part = (suffix) => bundle.outputFiles.find((file) => file.path.endsWith(suffix)).text;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const read = { units: [], boards: {} };
try {
  const page = await browser.newPage({ viewport: { width: SCREEN, height: 768 }, timezoneId: 'UTC' });
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  // A page of some origin, since Grafana's code wants a local storage; nothing else is to be had.
  await page.route('**/*', (route) => (route.request().isNavigationRequest()
    ? route.fulfill({ contentType: 'text/html', body: '<!doctype html><html lang="en"><body></body></html>' })
    : route.abort()));
  await page.goto('http://dashboards.localhost/');
  // As Grafana's own style sheet has it.
  await page.addStyleTag({ content: 'button { color: inherit; background: none; border: 0; font: inherit }' });
  await page.addStyleTag({ content: part('.css') });
  await page.addScriptTag({ content: part('.js') });
  if (errors.length) {
    throw new Error(errors.join('; '));
  }
  read.units = await page.evaluate(() => window.units());
  for (const name of readdirSync(BOARDS).filter((file) => file.endsWith('.json'))) {
    const board = JSON.parse(readFileSync(new URL(name, BOARDS), 'utf8'));
    const panels = stacked(unfolded(board), board);
    const answers = {};
    for (const panel of panels) {
      answers[panel.id] = await Promise.all(panel.targets.map(answer));
    }
    for (const mode of ['light', 'dark']) {
      await page.evaluate((what) => window.draw(what), { panels, answers, mode, from: to - DAY, to, screen: SCREEN });
      await page.waitForFunction((count) => Object.keys(window.drawn).length === count,
        new Set(panels.map((panel) => panel.title)).size);
      await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
      await page.screenshot({ path: `${folder}/${name.replace('.json', '')}-${mode}.png`, fullPage: true });
      read.boards[`${name} ${mode}`] = await page.evaluate(() => window.drawn);
    }
  }
  read.errors = errors;
} finally {
  await browser.close();
}
console.log(JSON.stringify(read));
