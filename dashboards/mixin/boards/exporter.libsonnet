// The exporter itself: its conversation with the API, its books, its store, its process.
local p = import 'panels.libsonnet';
local config = (import '../config.libsonnet')._config;
local exporter = 'job=~"$job", instance=~"$instance"';
local of(metric, more='') = '%s{%s, account=~"$account"%s}' % [metric, exporter, if more == '' then '' else ', ' + more];
local own(metric, more='') = '%s{%s%s}' % [metric, exporter, if more == '' then '' else ', ' + more];

p.dashboard(
  'acronis-exporter',
  'Exporter',
  'How the exporter gets on: requests, errors, throttling, lag, books, store and process.',
  [
    p.line(4, [
      [p.stat(
        'Do polls succeed?',
        'Whether the last poll of each account succeeded; the panel of failures says why not.',
        'min(%s)' % of('acronis_up'),
        'none',
        'no exporter',
        [[0, p.colors.failure], [1, p.colors.ok]]
      ) + p.words({ '0': [p.colors.failure, 'NO'], '1': [p.colors.ok, 'yes'] }), 5],
      [p.stat(
        'Do the books balance?',
        'Records received less those that were counted, known, late or invalid. Anything but 0 is a fault of the program, or two exporters behind one address.',
        'sum(%s) - sum(%s)' % [of('acronis_exporter_tasks_received_total'), of('acronis_exporter_tasks_processed_total')],
        'none',
        'not known',
        [[0, p.colors.failure], [0, p.colors.ok], [1, p.colors.failure]]
      ) + p.words({ '0': [p.colors.ok, 'yes'] }), 5],
      [p.stat(
        'Configuration accepted?',
        'Whether the last reload was taken over. If not, the one of before is in use; the log names what is wrong.',
        'min(%s)' % own('acronis_exporter_config_last_reload_successful'),
        'none',
        'not known',
        [[0, p.colors.failure], [1, p.colors.ok]]
      ) + p.words({ '0': [p.colors.failure, 'NO: refused'], '1': [p.colors.ok, 'yes'] }), 5],
      [p.stat(
        'Does the store work?',
        'Errors of the store in this range. What cannot be stored is not counted, and read again.',
        'sum(increase(%s[$__range]))' % own('acronis_exporter_store_errors_total'),
        'none',
        'not known',
        [[0, p.colors.ok], [1, p.colors.failure]],
        0
      ) + p.words({ '0': [p.colors.ok, 'yes'] }), 5],
      [p.stat(
        'Clocks apart?',
        'The largest difference between the clock of the exporter and that of a server. Counts go by the server; ages on dashboards do not. More than %d seconds is an alert.' % config.clockSkewSeconds,
        'max(abs(%s))' % of('acronis_exporter_clock_skew_seconds'),
        's',
        'no answer yet',
        [[0, p.colors.ok], [config.clockSkewSeconds, p.colors.warning]]
      ), 4],
    ]),
    p.line(8, [
      [p.graph(
        'How far behind is each account?',
        'Age of the watermark. It grows while polls fail and falls in a catch-up; over %d minutes is an alert.' % config.staleMinutes,
        [p.target('time() - %s' % of('acronis_exporter_watermark_timestamp_seconds'), '{{account}}')],
        's',
        'first catch-up'
      ), 12],
      [p.graph(
        'Why polls fail',
        'Failed polls by account and reason. The runbook of AcronisPollFailing says what each reason wants.',
        [p.target('sum by (account, reason) (increase(%s[$__rate_interval])) > 0' % of('acronis_exporter_poll_failures_total'), '{{account}}: {{reason}}')],
        'none',
        'none failed',
        'bars'
      ), 12],
    ]),
  ],
  [
    { title: 'The API: requests, errors, throttling', lines: [
      p.line(8, [
        [p.graph(
          'Requests by answer',
          'HTTP requests a second by status code; error: there was no complete answer.',
          [p.target('sum by (code) (rate(%s[$__rate_interval]))' % of('acronis_exporter_api_requests_total'), '{{code}}')],
          'reqps',
          'none'
        ), 8],
        [p.graph(
          'How long requests take',
          'Most requests, and the slowest one in a hundred, body included.',
          [
            p.target('histogram_quantile(%g, sum by (le) (rate(%s[$__rate_interval])))' % [q[0], of('acronis_exporter_api_request_duration_seconds_bucket')], q[1])
            for q in [[0.5, 'median'], [0.99, '99th percentile']]
          ],
          's',
          'none'
        ), 8],
        [p.graph(
          'How much of the time is spent waiting',
          'For Retry-After or the own request limit. Near 100 %, counts come late.',
          [p.target('rate(%s[$__rate_interval])' % of('acronis_exporter_api_throttled_seconds_total'), '{{account}}')],
          'percentunit',
          'none'
        ), 8],
      ]),
      p.line(8, [
        [p.graph(
          'Retries by reason',
          'Requests that were sent again.',
          [p.target('sum by (reason) (rate(%s[$__rate_interval]))' % of('acronis_exporter_api_retries_total'), '{{reason}}')],
          'reqps',
          'none'
        ), 8],
        [p.graph(
          'Bytes received',
          'Bodies of answers as they came over the network.',
          [p.target('sum by (account) (rate(%s[$__rate_interval]))' % of('acronis_exporter_api_received_bytes_total'), '{{account}}')],
          'Bps',
          'none'
        ), 8],
        [p.graph(
          'Token requests',
          'About one in two hours for each account. Many: the server refuses tokens.',
          [p.target('sum by (result) (increase(%s[$__rate_interval]))' % of('acronis_exporter_token_refreshes_total'), '{{result}}')],
          'none',
          'none'
        ), 8],
      ]),
    ] },
    { title: 'The books', lines: [
      p.line(8, [
        [p.graph(
          'What became of records',
          'counted: new. duplicate: known, as the overlap of polls wants it. discarded_late and invalid have alerts.',
          [p.target('sum by (outcome) (rate(%s[$__rate_interval]))' % of('acronis_exporter_tasks_processed_total'), '{{outcome}}')],
          'cps',
          'none'
        ), 8],
        [p.graph(
          'How late tasks are counted',
          'From completion to counting: a poll interval at best, longer when the API shows tasks late.',
          [
            p.target('histogram_quantile(%g, sum by (le) (rate(%s[$__rate_interval])))' % [q[0], of('acronis_exporter_task_arrival_delay_seconds_bucket')], q[1])
            for q in [[0.5, 'median'], [0.99, '99th percentile']]
          ],
          's',
          'none'
        ), 8],
        [p.graph(
          'Ids remembered',
          'Tasks of the sweep window, so that none is counted twice. 25 bytes each on disk.',
          [p.target(of('acronis_exporter_dedupe_entries'), '{{account}}')],
          'none',
          'none'
        ), 8],
      ]),
    ] },
    { title: 'Store and process', lines: [
      p.line(8, [
        [p.graph(
          'How long commits take',
          'Most of it is the disk. Seconds: it is overloaded, or fails.',
          [
            p.target('histogram_quantile(%g, sum by (le) (rate(%s[$__rate_interval])))' % [q[0], own('acronis_exporter_store_commit_duration_seconds_bucket')], q[1])
            for q in [[0.5, 'median'], [0.99, '99th percentile']]
          ],
          's',
          'none'
        ), 8],
        [p.graph(
          'Size of the store',
          'It grows with the ids remembered, and does not shrink.',
          [p.target(own('acronis_exporter_store_size_bytes'), '{{instance}}')],
          'bytes',
          'none'
        ), 8],
        [p.graph(
          'Memory',
          'Resident. A steady climb over days is a leak: tell the maintainers.',
          [p.target(own('process_resident_memory_bytes'), '{{instance}}')],
          'bytes',
          'not readable'
        ), 8],
      ]),
      p.line(8, [
        [p.graph(
          'Processor',
          'Cores in use. Some hundredths are usual, one while catching up.',
          [p.target('rate(%s[$__rate_interval])' % own('process_cpu_seconds_total'), '{{instance}}')],
          'none',
          'not readable'
        ), 8],
        [p.graph(
          'Open files',
          'Descriptors in use. Near the limit, connections are refused.',
          [p.target(own('process_open_fds'), '{{instance}}'), p.target(own('process_max_fds'), '{{instance}}, limit')],
          'none',
          'not readable'
        ), 8],
        [p.graph(
          'Log lines by level',
          'Errors and warnings are worth reading.',
          [p.target('sum by (level) (increase(%s[$__rate_interval]))' % own('acronis_exporter_log_messages_total'), '{{level}}')],
          'none',
          'none'
        ), 8],
      ]),
    ] },
  ]
)
