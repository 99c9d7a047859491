// Panels, and the frame that all dashboards share. Colours mean something, and are told apart by people who do not see
// red and green (after Okabe and Ito); a state is always written, too.
local datasource = { type: 'prometheus', uid: '${datasource}' };

{
  colors:: {
    ok: '#009E73',
    warning: '#E69F00',
    failure: '#D55E00',
    'error': self.failure,
    cancelled: '#999999',
    abandoned: '#CC79A7',
    timedout: '#56B4E9',
    unknown: '#F0E442',
    neutral: '#0072B2',
  },

  target(expr, legend='', format='time_series'):: {
    datasource: datasource,
    expr: expr,
    legendFormat: legend,
    format: format,
    editorMode: 'code',
    instant: format != 'heatmap' && legend == '',
    range: !self.instant,
  },

  local numbered(targets) = [targets[i] { refId: std.char(65 + i) } for i in std.range(0, std.length(targets) - 1)],

  // Nobody sees a number alone: `noValue` says what it means that there is none.
  local panel(type, title, description, targets, unit, noValue, options, custom={}) = {
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    targets: numbered(targets),
    options: options,
    fieldConfig: {
      defaults: {
        unit: unit,
        noValue: noValue,
        min: 0,
        color: { mode: 'thresholds' },
        thresholds: { mode: 'absolute', steps: [{ color: $.colors.neutral, value: null }] },
        custom: custom,
      },
      overrides: [],
    },
  },

  // [[from, colour, word], ...]: what a value from `from` on is called.
  stat(title, description, expr, unit, noValue, steps, decimals=null):: panel(
    'stat', title, description, [$.target(expr)], unit, noValue, {
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'center',
      orientation: 'auto',
      textMode: 'value',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    }
  ) + { fieldConfig+: { defaults+: {
    [if decimals != null then 'decimals']: decimals,
    thresholds: {
      mode: 'absolute',
      steps: [{ color: steps[i][1], value: if i == 0 then null else steps[i][0] } for i in std.range(0, std.length(steps) - 1)],
    },
  } } },

  // Words instead of a value: {'0': [colour, word], ...}.
  words(values):: { fieldConfig+: { defaults+: { mappings: [{
    type: 'value',
    options: {
      [value]: { color: values[value][0], text: values[value][1], index: 0 }
      for value in std.objectFields(values)
    },
  }] } } },

  // kind: 'line', 'area' (stacked) or 'bars' (stacked).
  graph(title, description, targets, unit, noValue, kind='line', color={ mode: 'palette-classic' }):: panel(
    'timeseries', title, description, targets, unit, noValue, {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    }, {
      drawStyle: if kind == 'bars' then 'bars' else 'line',
      fillOpacity: { line: 10, area: 60, bars: 80 }[kind],
      lineWidth: 1,
      showPoints: 'never',
      spanNulls: false,
      stacking: { mode: if kind == 'line' then 'none' else 'normal', group: 'A' },
    }
  ) + { fieldConfig+: { defaults+: { color: color } } },

  // Of what has no name of its own in the colours, and is bad.
  failures:: { mode: 'shades', fixedColor: $.colors.failure },

  // A series of that name always has that colour.
  colored(names):: { fieldConfig+: { overrides+: [
    {
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: names[name] } }],
    }
    for name in std.objectFields(names)
  ] } },
  byResult:: self.colored({ [code]: $.colors[code] for code in ['ok', 'warning', 'error', 'cancelled', 'abandoned', 'timedout', 'unknown'] }),

  // columns: {label or 'Value #A': [title, unit]}. Every other column is left out.
  table(title, description, exprs, noValue, columns, order):: panel(
    'table',
    title,
    description,
    [$.target(expr, format='table') for expr in exprs],
    'none',
    noValue,
    { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: order, desc: true }] },
    { align: 'auto', cellOptions: { type: 'auto' }, filterable: true, inspect: false },
  ) + {
    transformations: [
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: std.objectFields(columns) } } },
    ],
    fieldConfig+: { overrides: [
      {
        matcher: { id: 'byName', options: name },
        properties: [{ id: 'displayName', value: columns[name][0] }]
                    + if columns[name][1] == '' then [] else [{ id: 'unit', value: columns[name][1] }],
      }
      for name in std.objectFields(columns)
    ] },
  },

  heatmap(title, description, expr, unit, noValue):: panel(
    'heatmap', title, description, [$.target(expr, '{{le}}', 'heatmap')], unit, noValue, {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Viridis', steps: 64, reverse: false, exponent: 0.5, fill: 'dark-orange', scale: 'exponential' },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      tooltip: { mode: 'single', yHistogram: false, showColorScale: false },
      yAxis: { axisPlacement: 'left', reverse: false, unit: unit },
    }, { hideFrom: { legend: false, tooltip: false, viz: false }, scaleDistribution: { type: 'linear' } },
  ),

  local variable(name, label, query) = {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    query: { query: query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { text: ['All'], value: ['$__all'], selected: true },
    hide: 0,
    options: [],
    regex: '',
    skipUrlSync: false,
  },
  local variables(selector, queue) = [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      refresh: 1,
      current: {},
      hide: 0,
      includeAll: false,
      multi: false,
      options: [],
      regex: '',
      skipUrlSync: false,
    },
    variable('job', 'Job', 'label_values(acronis_exporter_build_info, job)'),
    variable('instance', 'Instance', 'label_values(acronis_exporter_build_info{job=~"$job"}, instance)'),
    variable('account', 'Account', 'label_values(acronis_up{job=~"$job", instance=~"$instance"}, account)'),
  ] + if queue then [
    variable('queue', 'Queue', 'label_values(acronis_tasks_completed_total{%s}, queue)' % selector),
  ] else [],

  local annotation(name, color, expr, title) = {
    name: name,
    datasource: datasource,
    enable: true,
    hide: false,
    iconColor: color,
    expr: expr,
    titleFormat: title,
    step: '60s',
  },

  // Panels with their place: each line is a list of [panel, width], all of one height.
  local placed(lines, top) = std.foldl(function(done, line) {
    local across = std.foldl(function(row, entry) {
      panels: row.panels + [entry[0] { gridPos: { x: row.x, y: done.y, w: entry[1], h: line.height } }],
      x: row.x + entry[1],
    }, line.panels, { panels: [], x: 0 }),
    panels: done.panels + across.panels,
    y: done.y + line.height,
  }, lines, { panels: [], y: top }),
  line(height, panels):: { height: height, panels: panels },

  local row(title, y, panels, collapsed) = {
    type: 'row',
    title: title,
    collapsed: collapsed,
    gridPos: { x: 0, y: y, w: 24, h: 1 },
    panels: panels,
  },

  // `rows`: [{title, lines}], which are folded away.
  dashboard(uid, title, description, lines, rows=[], queue=false)::
    local first = placed(lines, 0);
    local all = std.foldl(function(done, each) {
      local within = placed(each.lines, done.y + 1),
      panels: done.panels + [row(each.title, done.y, within.panels, true)],
      y: done.y + 1,
    }, rows, first).panels;
    local count(panels, from) = [
      panels[i] {
        id: from + i,
        [if std.objectHas(panels[i], 'panels') then 'panels']: [
          panels[i].panels[j] { id: from + 100 * (i + 1) + j }
          for j in std.range(0, std.length(panels[i].panels) - 1)
        ],
      }
      for i in std.range(0, std.length(panels) - 1)
    ];
    {
      uid: uid,
      title: 'Acronis / ' + title,
      description: description,
      tags: ['acronis'],
      schemaVersion: 39,
      editable: false,
      graphTooltip: 1,
      refresh: '1m',
      time: { from: 'now-24h', to: 'now' },
      timezone: 'browser',
      fiscalYearStartMonth: 0,
      weekStart: '',
      liveNow: false,
      links: [{
        title: 'Acronis',
        type: 'dashboards',
        tags: ['acronis'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      }],
      annotations: { list: [
        {
          builtIn: 1,
          datasource: { type: 'grafana', uid: '-- Grafana --' },
          enable: true,
          hide: true,
          iconColor: 'rgba(0, 211, 255, 1)',
          name: 'Annotations & Alerts',
          type: 'dashboard',
        },
        annotation(
          'Restarts of the exporter',
          $.colors.neutral,
          'changes(process_start_time_seconds{job=~"$job", instance=~"$instance"}[2m]) > 0',
          'Exporter restarted'
        ),
        annotation(
          'Data gaps',
          $.colors.failure,
          'increase(acronis_exporter_data_gap_seconds_total{job=~"$job", instance=~"$instance", account=~"$account"}[2m]) > 0',
          'Tasks that the API could no longer give'
        ),
      ] },
      templating: { list: variables('job=~"$job", instance=~"$instance", account=~"$account"', queue) },
      panels: count(all, 1),
    },
}
