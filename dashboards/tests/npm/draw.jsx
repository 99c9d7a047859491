// Draws the panels of a dashboard with Grafana's own components. Of a dashboard it does what Grafana's core does: places,
// field options, colours. Variables are filled in and data is fetched by who calls.
import 'uplot/dist/uPlot.min.css';
import { createRoot } from 'react-dom/client';
import {
  FieldConfigOptionsRegistry, FieldType, applyFieldOverrides, cacheFieldDisplayNames, createDataFrame, createTheme, dateTime, getDisplayProcessor,
  getValueFormats, identityOverrideProcessor,
} from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, PanelChrome,
  ThemeContext, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';

const UNIT = 38; // Pixels of a grid row, its gap included.
const GAP = 8;
const OPTIONS = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'color', 'thresholds', 'mappings'];
const CUSTOM = ['drawStyle', 'fillOpacity', 'lineWidth', 'showPoints', 'spanNulls', 'stacking', 'align', 'cellOptions',
  'filterable', 'inspect'];

const registry = new FieldConfigOptionsRegistry(() => [
  ...OPTIONS.map((id) => option(id, id, false)), ...CUSTOM.map((id) => option(`custom.${id}`, id, true))]);

function option(id, path, isCustom) {
  return { id, path, isCustom, name: id, editor: () => null, override: () => null, getItemsCount: () => 1,
    process: identityOverrideProcessor, shouldApply: () => true, settings: {} };
}

const named = (legend, labels) => legend.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '');

function framesOf(panel, answers) {
  return panel.targets.flatMap((target, place) => {
    const series = answers[place];
    if (panel.type === 'table') {
      const labels = [...new Set(series.flatMap((one) => Object.keys(one.metric)))];
      return [createDataFrame({ refId: target.refId, fields: [
        ...labels.map((name) => ({ name, type: FieldType.string, values: series.map((one) => one.metric[name] ?? '') })),
        { name: 'Value', type: FieldType.number, values: series.map((one) => Number(one.value[1])) }] })];
    }
    return series.map((one) => {
      const values = one.values ?? [one.value];
      const name = named(target.legendFormat, one.metric) || 'Value';
      return createDataFrame({ refId: target.refId, name, fields: [
        { name: 'Time', type: FieldType.time, values: values.map(([time]) => 1000 * time) },
        { name: 'Value', type: FieldType.number, values: values.map(([, value]) => Number(value)), labels: one.metric,
          config: { displayNameFromDS: name } }] });
    });
  });
}

function keepColumns(panel, frames) {
  const chosen = panel.transformations?.find((each) => each.id === 'filterFieldsByName')?.options.include.names;
  return chosen ? frames.map((frame) => ({ ...frame, fields: frame.fields.filter((field) => chosen.includes(field.name)) }))
    : frames;
}

function Stat({ panel, frames, theme, width, height }) {
  const field = frames[0]?.fields.at(-1);
  const display = field && getDisplayProcessor({ field, theme, timeZone: 'utc' });
  const value = field ? display(field.values.at(-1))
    : { text: panel.fieldConfig.defaults.noValue, numeric: NaN, color: theme.colors.text.secondary };
  window.drawn[panel.title] = { text: `${value.prefix ?? ''}${value.text}${value.suffix ?? ''}`, color: value.color };
  return <BigValue value={value} width={width} height={height} theme={theme} colorMode={BigValueColorMode.Value}
    graphMode={BigValueGraphMode.None} justifyMode={BigValueJustifyMode.Center} textMode={BigValueTextMode.Value} />;
}

function Nothing({ panel }) {
  window.drawn[panel.title] = { text: panel.fieldConfig.defaults.noValue };
  return <div style={{ padding: 24, textAlign: 'center' }}>{panel.fieldConfig.defaults.noValue}</div>;
}

function Content({ panel, frames, theme, range, width, height }) {
  if (panel.type === 'stat') {
    return <Stat {...{ panel, frames, theme, width, height }} />;
  }
  if (!frames.some((frame) => frame.length > 0)) {
    return <Nothing panel={panel} />;
  }
  if (panel.type === 'table') {
    window.drawn[panel.title] = { rows: frames[0].length, columns: frames[0].fields.map((field) => field.config.displayName),
      text: frames[0].fields.map((field) => {
        const shown = field.display(field.values[0]);
        return `${shown.text}${shown.suffix ?? ''}`;
      }).join(' | ') };
    return <TableNG data={frames[0]} width={width} height={height} cellHeight="sm" initialSortBy={panel.options.sortBy}
      structureRev={1} timeRange={range} />;
  }
  if (panel.type === 'heatmap') {
    window.drawn[panel.title] = { text: `${frames.length} buckets` };
    return <div style={{ padding: 24, textAlign: 'center' }}>A heat map: its panel is not part of Grafana's packages.</div>;
  }
  window.drawn[panel.title] = { text: frames.map((frame) => {
    const field = frame.fields[1];
    const shown = field.display(field.values.at(-1));
    return `${field.config.displayNameFromDS}: ${shown.prefix ?? ''}${shown.text}${shown.suffix ?? ''}`;
  }).join(', ') };
  return <TimeSeries frames={frames} timeRange={range} timeZone="utc" width={width} height={height} structureRev={1}
    legend={panel.options.legend} options={{}} replaceVariables={(text) => text} />;
}

function Panel({ panel, answers, theme, range, screen }) {
  const { x, y, w, h } = panel.gridPos;
  const place = { position: 'absolute', left: (x * screen) / 24 + GAP / 2, top: y * UNIT + GAP / 2 };
  const width = (w * screen) / 24 - GAP;
  const height = h * UNIT - GAP;
  const frames = applyFieldOverrides({
    data: keepColumns(panel, framesOf(panel, answers)), fieldConfig: panel.fieldConfig, fieldConfigRegistry: registry,
    replaceVariables: (text) => text, theme, timeZone: 'utc' });
  cacheFieldDisplayNames(frames);
  return <div style={place}>
    <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
      {(innerWidth, innerHeight) => <Content {...{ panel, frames, theme, range }} width={innerWidth} height={innerHeight} />}
    </PanelChrome>
  </div>;
}

window.units = () => getValueFormats().flatMap((category) => category.submenu.map((unit) => unit.value));

// panels: with `gridPos`; answers: {panel id: [result of each target]}.
window.draw = ({ panels, answers, mode, from, to, screen }) => {
  window.drawn = {};
  const theme = createTheme({ colors: { mode } });
  const range = { from: dateTime(1000 * from), to: dateTime(1000 * to), raw: { from: 'now-24h', to: 'now' } };
  document.body.style.cssText = `margin: 0; background: ${theme.colors.background.canvas}; color: ${theme.colors.text.primary};`
    + `font-family: ${theme.typography.fontFamily}; font-size: 14px`;
  const height = UNIT * Math.max(...panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
  const root = document.createElement('div');
  root.style.cssText = `position: relative; width: ${screen}px; height: ${height}px`;
  document.body.replaceChildren(root);
  createRoot(root).render(<ThemeContext.Provider value={theme}>
    {panels.map((panel) => <Panel key={panel.id} {...{ panel, theme, range, screen }} answers={answers[panel.id]} />)}
  </ThemeContext.Provider>);
};
