// Can I trust the numbers? Did last night work? What is failing now?
local p = import 'panels.libsonnet';
local config = (import '../config.libsonnet')._config;
local of(metric, more='') = '%s{job=~"$job", instance=~"$instance", account=~"$account"%s}' % [metric, if more == '' then '' else ', ' + more];
local failed = 'result_code=~"%s"' % config.failureCodes;
local completed(more='') = 'increase(%s[$__range])' % of('acronis_tasks_completed_total', more);

p.dashboard(
  'acronis-overview',
  'Overview',
  'Whether the numbers can be trusted, whether last night worked, and what is failing now.',
  [
    p.line(4, [
      [p.stat(
        'All accounts seen?',
        'Whether the last poll of each account succeeded. While one fails, its failed tasks are reported late. Look at the Exporter dashboard for the reason.',
        'min(%s)' % of('acronis_up'),
        'none',
        'no exporter',
        [[0, p.colors.failure], [1, p.colors.ok]]
      ) + p.words({ '0': [p.colors.failure, 'NO: polls fail'], '1': [p.colors.ok, 'yes'] }), 4],
      [p.stat(
        'How far behind?',
        'Age of the oldest watermark: everything that completed before it is counted. Under a minute or two is usual; over %d minutes is a catch-up, over %d an alert.' % [config.catchUpMinutes, config.staleMinutes],
        'max(time() - %s)' % of('acronis_exporter_watermark_timestamp_seconds'),
        's',
        'first catch-up',
        [[0, p.colors.ok], [60 * config.catchUpMinutes, p.colors.warning], [60 * config.staleMinutes, p.colors.failure]]
      ), 4],
      [p.stat(
        'Any data missing?',
        'Time within this range that the API could no longer give, because nobody had asked for it long enough. Tasks of that time are in no count.',
        'sum(increase(%s[$__range]))' % of('acronis_exporter_data_gap_seconds_total'),
        's',
        'not known',
        [[0, p.colors.ok], [1, p.colors.failure]]
      ) + p.words({ '0': [p.colors.ok, 'nothing'] }), 4],
      [p.stat(
        'Tasks that failed',
        'Tasks of this range that ended with error, timedout or abandoned. Prometheus extrapolates at the ends of the range, so the number is rounded. From 1 on it is worth a look.',
        'sum(round(%s))' % completed(failed),
        'none',
        'none',
        [[0, p.colors.ok], [1, p.colors.failure]],
        0
      ), 4],
      [p.stat(
        'Success rate',
        'Ended with ok or warning, of all that ended in this range. Under 95 % is worth a look, under 80 % something is broken; a few tasks make a rough share.',
        'sum(%s) / (sum(%s) > 0)' % [completed('result_code=~"ok|warning"'), completed()],
        'percentunit',
        'no task ended',
        [[0, p.colors.failure], [0.8, p.colors.warning], [0.95, p.colors.ok]]
      ), 4],
      [p.stat(
        'Queues in trouble',
        'Queues whose last success lies %d hours before the watermark. For a backup queue that means: no backup of last night.' % config.noSuccessHours,
        'count(%s - on (job, instance, account) group_right () %s > %d) or vector(0)' % [
          of('acronis_exporter_watermark_timestamp_seconds'),
          of('acronis_tasks_last_success_timestamp_seconds'),
          3600 * config.noSuccessHours,
        ],
        'none',
        'none',
        [[0, p.colors.ok], [1, p.colors.failure]],
        0
      ), 4],
    ]),
    p.line(6, [
      [p.table(
        'What failed, by queue and result code',
        'Tasks of this range that did not succeed, the most first. The runbook of AcronisTasksFailed names a command that lists them one by one.',
        ['sum by (account, queue, result_code) (round(%s)) > 0' % completed(failed)],
        'nothing failed',
        { account: ['Account', ''], queue: ['Queue', ''], result_code: ['Result', ''], Value: ['Tasks', 'none'] },
        'Tasks'
      ), 12],
      [p.graph(
        'How tasks ended over time',
        'Tasks by result code. A night of backups shows as a hill; a hill of errors among them is what to look at.',
        [p.target('sum by (result_code) (increase(%s[$__rate_interval])) > 0' % of('acronis_tasks_completed_total'), '{{result_code}}')],
        'none',
        'no task ended',
        'bars'
      ) + p.byResult, 12],
    ]),
    p.line(6, [
      [p.table(
        'When each queue last succeeded',
        'Time since the last success of each queue, the longest first: did last night work?',
        ['sort_desc(time() - max by (account, queue) (%s))' % of('acronis_tasks_last_success_timestamp_seconds')],
        'no success yet',
        { account: ['Account', ''], queue: ['Queue', ''], Value: ['Ago', 's'] },
        'Ago'
      ), 12],
      [p.graph(
        'Which queues fail',
        'Failed tasks by queue over time. One queue: its plan or its machines. All of them: something that they share.',
        [p.target('sum by (queue) (increase(%s[$__rate_interval])) > 0' % of('acronis_tasks_completed_total', failed), '{{queue}}')],
        'none',
        'nothing failed',
        'bars',
        p.failures
      ), 12],
    ]),
  ],
  [
    { title: 'What waits and runs now', lines: [
      p.line(8, [
        [p.graph(
          'Tasks that are not completed',
          'What the last poll saw of each state. A growing number of enqueued tasks: agents are offline or overloaded.',
          [p.target('sum by (state) (%s)' % of('acronis_tasks_in_flight'), '{{state}}')],
          'none',
          'not listed yet',
          'area'
        ), 12],
        [p.table(
          'What waits longest',
          'Age of the oldest task of each queue that has not completed. Look at the machines of the first ones.',
          ['sort_desc(time() - min by (account, queue, state) (%s))' % of('acronis_tasks_in_flight_oldest_timestamp_seconds')],
          'nothing waits',
          { account: ['Account', ''], queue: ['Queue', ''], state: ['State', ''], Value: ['Waits for', 's'] },
          'Waits for'
        ), 12],
      ]),
    ] },
  ]
)
