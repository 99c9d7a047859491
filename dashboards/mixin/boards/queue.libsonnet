// One queue, or a few, looked into.
local p = import 'panels.libsonnet';
local config = (import '../config.libsonnet')._config;
local of(metric, more='') = '%s{job=~"$job", instance=~"$instance", account=~"$account", queue=~"$queue"%s}' % [metric, if more == '' then '' else ', ' + more];
local failed = 'result_code=~"%s"' % config.failureCodes;
local quantile(q, metric) = 'histogram_quantile(%g, sum by (le) (rate(%s[$__rate_interval])))' % [q, of(metric)];

p.dashboard(
  'acronis-queue',
  'Queue',
  'What became of the tasks of a queue, how long they waited and how long they took.',
  [
    p.line(4, [
      [p.stat(
        'Last success, how long ago?',
        'Since the newest success of the chosen queues. More than %d hours is an alert, if tasks run.' % config.noSuccessHours,
        'time() - max(%s)' % of('acronis_tasks_last_success_timestamp_seconds'),
        's',
        'no success yet',
        [[0, p.colors.ok], [3600 * config.noSuccessHours, p.colors.failure]]
      ), 6],
      [p.stat(
        'How many tasks ended?',
        'All that completed in this range, whatever the result; rounded.',
        'sum(round(increase(%s[$__range])))' % of('acronis_tasks_completed_total'),
        'none',
        'none',
        [[0, p.colors.neutral]],
        0
      ), 6],
      [p.stat(
        'How many of them failed?',
        'Ended with error, timedout or abandoned; rounded. From 1 on it is worth a look.',
        'sum(round(increase(%s[$__range])))' % of('acronis_tasks_completed_total', failed),
        'none',
        'none',
        [[0, p.colors.ok], [1, p.colors.failure]],
        0
      ), 6],
      [p.stat(
        'How many wait or run?',
        'Not completed at the last poll.',
        'sum(%s)' % of('acronis_tasks_in_flight'),
        'none',
        'not listed yet',
        [[0, p.colors.neutral]],
        0
      ), 6],
    ]),
    p.line(8, [
      [p.graph(
        'How tasks ended',
        'Tasks by result code over time. cancelled is not a failure: somebody did it.',
        [p.target('sum by (result_code) (increase(%s[$__rate_interval])) > 0' % of('acronis_tasks_completed_total'), '{{result_code}}')],
        'none',
        'no task ended',
        'bars'
      ) + p.byResult, 12],
      [p.heatmap(
        'How long tasks took',
        'From start to completion; the lighter, the more tasks. A band that climbs: jobs grow, or a storage gets slow.',
        'sum by (le) (increase(%s[$__rate_interval]))' % of('acronis_task_duration_seconds_bucket'),
        's',
        'no task ended'
      ), 12],
    ]),
    p.line(8, [
      [p.graph(
        'Usual and long durations',
        'Half of the tasks took less than the median, one in twenty longer than the 95th percentile.',
        [
          p.target(quantile(0.5, 'acronis_task_duration_seconds_bucket'), 'median'),
          p.target(quantile(0.95, 'acronis_task_duration_seconds_bucket'), '95th percentile'),
        ],
        's',
        'no task ended'
      ), 12],
      [p.graph(
        'Usual and long waits',
        'From enqueueing to start. Long waits: too few agents, or a window that is too narrow.',
        [
          p.target(quantile(0.5, 'acronis_task_queue_wait_seconds_bucket'), 'median'),
          p.target(quantile(0.95, 'acronis_task_queue_wait_seconds_bucket'), '95th percentile'),
        ],
        's',
        'no task started'
      ), 12],
    ]),
    p.line(8, [
      [p.graph(
        'What waits and runs',
        'Tasks that are not completed, by state, at each poll.',
        [p.target('sum by (state) (%s)' % of('acronis_tasks_in_flight'), '{{state}}')],
        'none',
        'not listed yet',
        'area'
      ), 12],
      [p.table(
        'When each result was last seen',
        'Time since the newest task of each queue and result code.',
        ['time() - max by (account, queue, result_code) (%s)' % of('acronis_tasks_last_completion_timestamp_seconds')],
        'no task ended',
        { account: ['Account', ''], queue: ['Queue', ''], result_code: ['Result', ''], Value: ['Ago', 's'] },
        'Ago'
      ), 12],
    ]),
  ],
  queue=true
)
