// Recording rules: what alerts and dashboards share.
//
// Tasks are counted exactly, and a count that was seen never goes back. So the difference of two values is exact, too,
// where increase() would extrapolate: `before(x)` is the last value that was seen before a window, even if nothing was
// scraped for hours.
{
  local root = self,
  local config = root._config,
  local of(metric, more='') = '%s{%s}' % [metric, std.join(', ', [config.selector] + if more == '' then [] else [more])],
  local before(metric, window) = 'last_over_time(%s[%s] offset %s)' % [metric, config.memory, window],

  // Tasks since `window` ago. A series that was not there before has begun within the window, and all of it counts; not
  // so where nothing at all is known of the account's past, for that would count its history.
  local counted(metric, window) = |||
    clamp_min(%(metric)s - %(before)s, 0)
    or (
      (%(metric)s unless %(before)s)
      and on (job, instance, account) %(watermarkBefore)s
    )
  ||| % {
    metric: metric,
    before: before(metric, window),
    watermarkBefore: before(of('acronis_exporter_watermark_timestamp_seconds'), window),
  },

  local failed = of('acronis_tasks_completed_total', 'result_code=~"%s"' % config.failureCodes),
  local all = of('acronis_tasks_completed_total'),

  prometheusRules+:: {
    groups+: [{
      name: 'acronis.rules',
      rules: [
        {
          record: 'account:acronis_exporter_watermark_age_seconds:now',
          expr: 'time() - ' + of('acronis_exporter_watermark_timestamp_seconds'),
        },
        {
          // 1 for an hour after the exporter came with a store that it did not have before.
          record: 'instance:acronis_exporter_store_is_new:bool',
          expr: |||
            group without (store_id, engine) (
              %(store)s unless %(before)s
            )
          ||| % { store: of('acronis_exporter_store_info'), before: before(of('acronis_exporter_store_info'), '1h') },
        },
        {
          // 1 while counts may be of long ago: there is no watermark yet, or an old one, or another store.
          record: 'account:acronis_exporter_is_catching_up:bool',
          expr: |||
            group without () (
              (account:acronis_exporter_watermark_age_seconds:now > %(seconds)d)
              or (%(up)s unless on (job, instance, account) %(watermark)s)
              or (%(up)s and on (job, instance) instance:acronis_exporter_store_is_new:bool)
            )
          ||| % {
            seconds: 60 * config.catchUpMinutes,
            up: of('acronis_up'),
            watermark: of('acronis_exporter_watermark_timestamp_seconds'),
          },
        },
        {
          record: 'account_queue_result_code:acronis_tasks_failed:increase15m',
          expr: 'sum without (state) (\n%s)\n' % indented(counted(failed, '15m')),
        },
        {
          record: 'account_queue_result_code:acronis_tasks_completed:increase6h',
          expr: 'sum without (state) (\n%s)\n' % indented(counted(all, '6h')),
        },
        {
          record: 'account_queue:acronis_tasks_completed:increase6h',
          expr: 'sum without (result_code) (account_queue_result_code:acronis_tasks_completed:increase6h)',
        },
        {
          record: 'account_queue:acronis_tasks_failed:increase6h',
          expr: |||
            sum without (result_code) (
              account_queue_result_code:acronis_tasks_completed:increase6h{result_code=~"%s"}
            )
          ||| % config.failureCodes,
        },
        {
          record: 'account_queue:acronis_tasks_failed:ratio6h',
          expr: |||
            account_queue:acronis_tasks_failed:increase6h
            / (account_queue:acronis_tasks_completed:increase6h > 0)
          |||,
        },
      ],
    }],
  },

  local indented(text) = std.join('', ['  ' + line + '\n' for line in std.split(std.rstripChars(text, '\n'), '\n')]),
}
