// Alerts in three layers: is there an exporter, is what it knows fresh, and what it knows of the tasks.
{
  local config = self._config,
  local of(metric, more='') = '%s{%s}' % [metric, std.join(', ', [config.selector] + if more == '' then [] else [more])],
  local account = ' and on (job, instance, account) ',

  local alert(layer, name, severity, expr, summary, description, wait=null, keep=null) = {
    alert: name,
    expr: expr,
    [if wait != null then 'for']: wait,
    [if keep != null then 'keep_firing_for']: keep,
    labels: { severity: severity, layer: layer },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbookUrl % name,
      dashboard_url: '%s/d/%s?var-job={{ $labels.job }}%s' % [
        config.grafanaUrl,
        if layer == 'tasks' then 'acronis-overview' else 'acronis-exporter',
        if layer == 'exporter' then '' else '&var-account={{ $labels.account }}',
      ],
    },
  },

  prometheusAlerts+:: {
    groups+: [
      { name: 'acronis.exporter', rules: [
        alert(
          'exporter',
          'AcronisExporterDown',
          'critical',
          'up{%s} == 0' % config.selector,
          'The Acronis exporter cannot be scraped.',
          'Prometheus gets no answer from {{ $labels.instance }}. No failed task is reported while this lasts; none is lost.',
          '5m'
        ),
        alert(
          'exporter',
          'AcronisExporterAbsent',
          'critical',
          'absent(up{%s})' % config.selector,
          'Prometheus has no Acronis exporter to scrape.',
          'No target matches {%s}: it was taken out of the scrape configuration, or service discovery does not find it.' % config.selector,
          '15m'
        ),
        alert(
          'exporter',
          'AcronisStoreFailing',
          'critical',
          'sum without (operation) (increase(%s[15m])) > 0' % of('acronis_exporter_store_errors_total'),
          'The store of the Acronis exporter fails.',
          'Errors of the store of {{ $labels.instance }} within 15 minutes: {{ $value | humanize }}. What cannot be stored is not counted, and polls are repeated.',
          null,
          '15m'
        ),
        alert(
          'exporter',
          'AcronisReloadFailed',
          'warning',
          '%s == 0' % of('acronis_exporter_config_last_reload_successful'),
          'The Acronis exporter refused its new configuration.',
          '{{ $labels.instance }} runs on with the configuration of before. The log names file, line and what is wrong.',
          '5m'
        ),
      ] },
      { name: 'acronis.data', rules: [
        alert(
          'data',
          'AcronisPollFailing',
          'warning',
          '%s == 0' % of('acronis_up'),
          'Polls of an Acronis account fail.',
          'No poll of account {{ $labels.account }} has succeeded for 15 minutes. The exporter dashboard shows the reason.',
          '15m'
        ),
        alert(
          'data',
          'AcronisAuthenticationFailing',
          'critical',
          '(sum without (reason) (increase(%s[15m])) > 0)%s(%s == 0)' % [
            of('acronis_exporter_poll_failures_total', 'reason=~"auth|forbidden"'),
            account,
            of('acronis_up'),
          ],
          'Acronis refuses the credentials of an account.',
          'Account {{ $labels.account }} is refused: its secret was changed or revoked, or the API client may not read tasks.',
          '5m'
        ),
        alert(
          'data',
          'AcronisDataStale',
          'critical',
          'account:acronis_exporter_watermark_age_seconds:now > %d' % (60 * config.staleMinutes),
          'Tasks of an Acronis account are known too late.',
          'What account {{ $labels.account }} completed within the last {{ $value | humanizeDuration }} is not known yet.',
          '10m'
        ),
        alert(
          'data',
          'AcronisBaselineUnfinished',
          'warning',
          '%s unless on (job, instance, account) %s' % [of('acronis_up'), of('acronis_exporter_watermark_timestamp_seconds')],
          'The first catch-up of an Acronis account does not end.',
          'Account {{ $labels.account }} has been read for %d hours and is not complete: nothing is shown of its tasks.' % config.baselineHours,
          '%dh' % config.baselineHours
        ),
        alert(
          'data',
          'AcronisNothingReceived',
          'warning',
          |||
            (%(received)s - last_over_time(%(received)s[1h] offset %(hours)dh) == 0)
            and (%(received)s > 0)
            and on (job, instance, account) (%(up)s == 1)
          ||| % { received: of('acronis_exporter_tasks_received_total'), up: of('acronis_up'), hours: config.nothingReceivedHours },
          'An Acronis account shows no task any more.',
          'Polls of account {{ $labels.account }} succeed, and no task has come for %d hours. Is the filter right? Do its agents still run?' % config.nothingReceivedHours,
          '15m'
        ),
        alert(
          'data',
          'AcronisBooksUnbalanced',
          'critical',
          '%s != sum without (outcome) (%s)' % [of('acronis_exporter_tasks_received_total'), of('acronis_exporter_tasks_processed_total')],
          'The books of the Acronis exporter do not balance.',
          'Account {{ $labels.account }} has received {{ $value | humanize }} tasks, and their outcomes add up to something else. The counts cannot be trusted.',
          '10m'
        ),
        alert(
          'data',
          'AcronisRateLimited',
          'warning',
          'rate(%s[15m]) > %g' % [of('acronis_exporter_api_throttled_seconds_total'), config.throttledShare],
          'Polls of an Acronis account mostly wait.',
          'Account {{ $labels.account }} has waited {{ $value | humanizePercentage }} of the time for the server or for its own request limit.',
          '15m'
        ),
        alert(
          'data',
          'AcronisDataGap',
          'critical',
          'increase(%s[1h]) > 0' % of('acronis_exporter_data_gap_seconds_total'),
          'Acronis could not give all tasks of an account any more.',
          'The exporter was away for longer than the API remembers: {{ $value | humanizeDuration }} of account {{ $labels.account }} may be missing.',
        ),
        alert(
          'data',
          'AcronisLateTasksDiscarded',
          'warning',
          'sum without (outcome) (increase(%s[1h])) > 0' % of('acronis_exporter_tasks_processed_total', 'outcome="discarded_late"'),
          'Tasks of an Acronis account came too late to be counted.',
          'Tasks of account {{ $labels.account }} that showed so late that their ids may have been forgotten: {{ $value | humanize }}.',
        ),
        alert(
          'data',
          'AcronisInvalidTasks',
          'warning',
          'sum without (outcome) (increase(%s[1h])) > 0' % of('acronis_exporter_tasks_processed_total', 'outcome="invalid"'),
          'Acronis sent tasks that cannot be read.',
          'Records of account {{ $labels.account }} without a usable id, state or time, which were passed over: {{ $value | humanize }}.',
        ),
        alert(
          'data',
          'AcronisClockSkew',
          'warning',
          'abs(%s) > %d' % [of('acronis_exporter_clock_skew_seconds'), config.clockSkewSeconds],
          "The clock of the Acronis exporter is not the server's.",
          'The clocks of {{ $labels.instance }} and of the server of account {{ $labels.account }} are {{ $value | humanizeDuration }} apart.',
          '15m'
        ),
        alert(
          'data',
          'AcronisCounterReset',
          'warning',
          |||
            (sum without (queue, state, result_code) (resets(%s[30m])) > 0)
            unless on (job, instance) instance:acronis_exporter_store_is_new:bool
          ||| % of('acronis_tasks_completed_total'),
          'Counts of the Acronis exporter went back.',
          'Counts of account {{ $labels.account }} became smaller, and the store is the same. Two exporters may answer on one address.',
        ),
        alert(
          'data',
          'AcronisSeriesLimitReached',
          'warning',
          |||
            sum without (family) (%s)
            > on (job, instance) group_left () (%g * %s)
          ||| % [of('acronis_exporter_series'), config.seriesShare, of('acronis_exporter_series_limit')],
          'An Acronis account nearly has as many series as it may.',
          'Account {{ $labels.account }} has {{ $value | humanize }} series. Behind the limit, new queues are counted together as _other.',
          '15m'
        ),
      ] },
      { name: 'acronis.tasks', rules: [
        alert(
          'tasks',
          'AcronisTasksFailed',
          'warning',
          |||
            (account_queue_result_code:acronis_tasks_failed:increase15m > 0)
            unless on (job, instance) instance:acronis_exporter_store_is_new:bool
          |||,
          'Acronis tasks have failed.',
          'Tasks of queue {{ $labels.queue }} in account {{ $labels.account }} that ended with {{ $labels.result_code }} within 15 minutes: {{ $value }}.',
        ),
        alert(
          'tasks',
          'AcronisFailureBurst',
          'critical',
          |||
            (sum without (queue, result_code) (account_queue_result_code:acronis_tasks_failed:increase15m) >= %d)
            unless on (job, instance, account) max_over_time(account:acronis_exporter_is_catching_up:bool[20m])
          ||| % config.burstTasks,
          'Many Acronis tasks fail at once.',
          '{{ $value }} tasks of account {{ $labels.account }} failed within 15 minutes.',
          null,
          '15m'
        ),
        alert(
          'tasks',
          'AcronisFailureRatioHigh',
          'warning',
          |||
            (account_queue:acronis_tasks_failed:ratio6h > %g)
            and (account_queue:acronis_tasks_completed:increase6h >= %d)
            unless on (job, instance) instance:acronis_exporter_store_is_new:bool
          ||| % [config.failureRatio, config.failureRatioFloor],
          'A large share of Acronis tasks fails.',
          '{{ $value | humanizePercentage }} of the tasks of queue {{ $labels.queue }} in account {{ $labels.account }} failed within six hours.',
          '15m'
        ),
        alert(
          'tasks',
          'AcronisNoSuccess',
          'critical',
          |||
            (
              (%(watermark)s - on (job, instance, account) group_right () %(success)s > %(seconds)d)
              or (%(completion)s unless on (job, instance, account, queue) %(success)s)
            )
            and on (job, instance, account, queue)
            (%(watermark)s - on (job, instance, account) group_right () %(completion)s <= %(seconds)d)
          ||| % {
            watermark: of('acronis_exporter_watermark_timestamp_seconds'),
            success: of('acronis_tasks_last_success_timestamp_seconds'),
            completion: 'max without (result_code) (%s)' % of('acronis_tasks_last_completion_timestamp_seconds'),
            seconds: 3600 * config.noSuccessHours,
          },
          'Acronis tasks run, and none succeeds.',
          'Queue {{ $labels.queue }} in account {{ $labels.account }} has had no success for %d hours, or never, although tasks complete.' % config.noSuccessHours,
          '1h'
        ),
        alert(
          'tasks',
          'AcronisQueueSilent',
          'warning',
          |||
            (%(watermark)s - on (job, instance, account) group_right () %(completion)s > %(seconds)d)
            and on (job, instance, account, queue)
            (
              sum without (state, result_code) (%(completed)s offset 1d)
              - sum without (state, result_code) (%(completed)s offset 8d) >= 7
            )
          ||| % {
            watermark: of('acronis_exporter_watermark_timestamp_seconds'),
            completion: 'max without (result_code) (%s)' % of('acronis_tasks_last_completion_timestamp_seconds'),
            completed: of('acronis_tasks_completed_total'),
            seconds: 3600 * config.noSuccessHours,
          },
          'Acronis tasks that ran every day have stopped.',
          'Queue {{ $labels.queue }} in account {{ $labels.account }} had a task a day last week, and none for {{ $value | humanizeDuration }}.',
          '15m',
          '1h'
        ),
      ] },
    ],
  },
}
