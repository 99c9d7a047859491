// Everything that an installation may want to change: selectors, thresholds, addresses.
{
  _config:: {
    // The exporters that are watched. Prometheus' own name of them is in the scrape configuration.
    selector: 'job="acronis"',
    // Result codes that are failures. A cancelled task was ended by somebody who knows of it.
    failureCodes: 'abandoned|error|timedout',

    // Where people find what an alert leads to. %s: the alert's name.
    runbookUrl: 'https://github.com/acronis-task-exporter/acronis_task_exporter/blob/main/dashboards/runbooks/%s.md',
    grafanaUrl: 'http://localhost:3000',

    // Freshness.
    staleMinutes: 30,  // A watermark that is older is too old.
    catchUpMinutes: 10,  // A watermark that is older means that there is much to catch up with.
    baselineHours: 6,  // So long the first catch-up may take.
    clockSkewSeconds: 60,
    throttledShare: 0.5,  // Of the time, that is spent waiting.
    seriesShare: 0.9,  // Of the limit of series.

    // Tasks.
    noSuccessHours: 26,  // A day and two hours: a backup a night, and some nights are longer.
    failureRatio: 0.2,
    failureRatioFloor: 20,  // Fewer tasks in six hours have no ratio.
    burstTasks: 20,  // Failures of an account in 15 minutes.
    nothingReceivedHours: 24,

    // How far back the counts of before are looked for. An outage may be as long.
    memory: '1d',
  },
}
